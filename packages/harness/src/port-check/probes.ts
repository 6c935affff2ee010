/**
 * The questions of `port check`: tiny networks on which a right port cannot be wrong, and a wrong one shows why.
 * Height, width, channels, images and classes are different numbers (but for `square`), and no weight is repeated.
 */
import { Random, valuesIn, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { parametersOf, type AskedTarget, type Method } from '@touchstone/methods';
import { seededWeights } from '@touchstone/network';
import type { NetworkParts } from '@touchstone/session';

export interface Probe extends NetworkParts {
  readonly id: 'identity' | 'zero' | 'asymmetric' | 'square';
  /** [N,C,H,W] */
  readonly x: HostTensor;
  readonly target: AskedTarget;
  /** `reduce`, where the method has it, and those that differ from the defaults. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
  /** [C,H,W] of the maps before the head. */
  readonly maps: readonly number[];
}

const [images, channels, height, width] = [2, 3, 5, 7];
const classes = 6;
/** Height and width of `square`. */
const side = 4;

type Leaves = Readonly<Record<string, { readonly type: string; readonly attributes: Record<string, unknown> }>>;

/**
 * - identity: the maps are the images, then Linear: a gradient is exactly the target's weights
 * - zero: the same with weights of 0: every answer is 0, and nothing may be divided by it
 * - asymmetric: a convolution whose kernel, stride and padding differ by direction, ReLU, Linear; a class per image
 * - square: as identity, on images as high as wide: no shape shows what is exchanged there
 */
export function probesFor(method: Method): readonly Probe[] {
  const pools = method.declares.networks === 'average-pooled';
  const reduce = parametersOf(method).find(({ name }) => name === 'reduce')?.default;
  const samples = Number(method.declares.brief['samples'] ?? 1);
  const given = (...shape: readonly number[]) => ({
    x: drawn('x', shape),
    fixtures: method.fixtures.includes('noise') ? { noise: drawn('noise', [samples, ...shape]) } : {},
  });
  const params = { ...method.declares.brief, ...(reduce !== undefined && { reduce }) };
  const common = { ...given(images, channels, height, width), params };
  const copy = { conv: conv(channels, [1, 1], [1, 1], [0, 0]) };
  const copying = network('identity', copy, [channels, height, width], pools);
  const square = network('square', copy, [channels, side, side], pools, [side, side]);
  const identity = { ...seededWeights(copying.description, 1), 'conv.weight': identityKernel() };
  const crossed = network(
    'asymmetric',
    { conv: conv(4, [3, 2], [2, 1], [1, 0]), relu: { type: 'ReLU', attributes: { inplace: false } } },
    [4, 3, 6],
    pools,
  );
  const whole = reduce === undefined ? {} : { reduce: 'none' };
  return [
    {
      ...common,
      id: 'identity',
      ...copying,
      weights: identity,
      target: { class: 2 },
      params: { ...common.params, ...whole },
    },
    { ...common, id: 'zero', ...copying, weights: mapWeights(identity, () => 0), target: { class: 2 } },
    {
      ...common,
      id: 'asymmetric',
      ...crossed,
      weights: { ...seededWeights(crossed.description, 2) },
      target: { class: [4, 1] },
    },
    {
      ...given(images, channels, side, side),
      id: 'square',
      ...square,
      weights: { ...seededWeights(square.description, 3), 'conv.weight': identityKernel() },
      target: { class: 2 },
      params: { ...params, ...whole },
    },
  ];
}

function network(name: string, layers: Leaves, maps: readonly number[], pools: boolean, size = [height, width]) {
  const leaves: Leaves = {
    ...layers,
    ...(pools && { pool: { type: 'AdaptiveAvgPool2d', attributes: { outputSize: [1, 1] } } }),
    flatten: { type: 'Flatten', attributes: { startDim: 1, endDim: -1 } },
    head: {
      type: 'Linear',
      attributes: { inFeatures: pools ? maps[0]! : valuesIn(maps), outFeatures: classes, bias: true },
    },
  };
  const calls = Object.keys(leaves).map((module, i) => ({ name: `v${i + 1}`, module, args: [`v${i}`] }));
  const description: NetworkDescription = {
    format: 'touchstone-network',
    version: 1,
    name,
    why: 'a network of "touchstone port check"',
    input: { shape: [channels, ...size] as [number, number, number] },
    modules: { '': { type: 'Sequential', inputs: ['v0'], calls, output: `v${calls.length}` }, ...leaves },
  };
  return { description, maps };
}

function conv(
  outChannels: number,
  kernelSize: readonly number[],
  stride: readonly number[],
  padding: readonly number[],
) {
  const attributes = {
    inChannels: channels,
    outChannels,
    kernelSize,
    stride,
    padding,
    dilation: [1, 1],
    groups: 1,
    bias: true,
  };
  return { type: 'Conv2d', attributes };
}

/** Each channel of the image, unchanged. */
function identityKernel(): HostTensor {
  const data = Float32Array.from({ length: channels ** 2 }, (_, i) => (i % (channels + 1) === 0 ? 1 : 0));
  return { shape: [channels, channels, 1, 1], data };
}

function drawn(name: string, shape: readonly number[]): HostTensor {
  const random = new Random(1, name);
  return { shape, data: Float32Array.from({ length: valuesIn(shape) }, () => random.normal()) };
}

export function mapWeights(
  weights: Readonly<Record<string, HostTensor>>,
  change: (value: number) => number,
): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data, change) }]),
  );
}
