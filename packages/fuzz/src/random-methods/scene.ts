/** A random network, images, a target, and a method with parameters. */
import type { HostTensor, NetworkDescription, Target } from '@touchstone/contract';
import {
  anyNetwork,
  drawImages,
  drawNoise,
  drawTarget,
  functionNetwork,
  gapNetwork,
  imageSpecs,
  targetSpec,
  wideNetwork,
} from '@touchstone/laws';
import type { Method } from '@touchstone/methods';
import fc from 'fast-check';
import { settings } from '../hook-programs/scene.js';
import type { PyTorchRequest } from '../live-pytorch.js';
import { namedForPyTorch } from './named-for-pytorch.js';
import { drawnParameters, onePassMethods, parametersFor, type DrawnParameters } from './parameters.js';

export interface MethodScene extends PyTorchRequest {
  /** float64 computes without rounding, so that a tie is one on every engine. */
  readonly exact: boolean;
}

interface Setting {
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
  readonly x: HostTensor;
  readonly target: Target;
  readonly exact: boolean;
  /** The network ends in global average pooling and one Linear. */
  readonly isPooled: boolean;
}

/** A rectangle of one value, in all images and channels; coordinates are taken modulo the image's size. */
interface Region {
  readonly from: readonly [y: number, x: number];
  readonly size: readonly [height: number, width: number];
  readonly value: number;
}

const coordinate = fc.nat({ max: 23 });
const extent = fc.integer({ min: 1, max: 12 });
const region: fc.Arbitrary<Region> = fc.record({
  from: fc.tuple(coordinate, coordinate),
  size: fc.tuple(extent, extent),
  value: fc.constantFrom(0, 0.5, -1),
});

/** Powers of two: mostly 1, also huge and tiny. */
const scale = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(10, -10, 20, -20, 30, -30) },
);

/** Up to here sums of scaled and unscaled numbers still have fewer bits than float64. */
const largestExactScale = 10;

interface Scales {
  readonly image: number;
  readonly weight: { readonly which: number; readonly scale: number };
}

const scales: fc.Arbitrary<Scales> = fc.record({
  image: scale,
  weight: fc.record({ which: fc.nat({ max: 99 }), scale }),
});

const unscaled: fc.Arbitrary<Scales> = fc.constant({ image: 0, weight: { which: 0, scale: 0 } });

/** Networks of the laws: every layer with its attributes, branches, and functions. */
function ofLaws(networks: typeof anyNetwork, isPooled: boolean, drawn = scales): fc.Arbitrary<Setting> {
  return fc
    .record({
      generated: networks,
      images: imageSpecs(3),
      regions: fc.array(region, { maxLength: 2 }),
      target: targetSpec,
      scales: drawn,
    })
    .map(({ generated: { description, weights, numbers }, images, regions, target, scales: { image, weight } }) => {
      const x = withRegions(drawImages(images, description.input.shape, numbers), regions);
      const names = Object.keys(weights).filter((name) => name.endsWith('.weight'));
      const scaled = names[weight.which % names.length]!;
      return namedForPyTorch({
        description,
        weights: { ...weights, [scaled]: times(2 ** weight.scale, weights[scaled]!) },
        x: times(2 ** image, x),
        target: drawTarget(target, images.length, weights['fc.weight']!.shape[0]!),
        exact: numbers === 'exact' && Math.max(Math.abs(image), Math.abs(weight.scale)) <= largestExactScale,
        isPooled,
      });
    });
}

/**
 * Module trees of the hook programs: modules that are called again, under other names. Those that change a tensor in
 * place are left out, because PyTorch refuses some of their gradients.
 */
const trees: fc.Arbitrary<Setting> = settings
  .filter(({ description }) => !JSON.stringify(description).includes('"inplace":true'))
  .map(asExact);

function asExact(setting: Pick<Setting, 'description' | 'weights' | 'x' | 'target'>): Setting {
  return { ...setting, exact: true, isPooled: false };
}

const anySetting = fc.oneof(
  { weight: 3, arbitrary: ofLaws(anyNetwork, false) },
  { weight: 2, arbitrary: ofLaws(wideNetwork, false) },
  { weight: 1, arbitrary: ofLaws(gapNetwork, true) },
  { weight: 2, arbitrary: trees },
  // Exponentials of huge values are ∞, which no engine explains.
  { weight: 3, arbitrary: ofLaws(functionNetwork, false, unscaled) },
);
const [averagePooled, others] = [true, false].map((pooled) =>
  onePassMethods.filter(({ declares }) => (declares.networks === 'average-pooled') === pooled),
) as [Method[], Method[]];

export const methodScenes: fc.Arbitrary<MethodScene> = fc
  .record({
    setting: anySetting,
    method: fc.nat({ max: 999 }),
    parameters: drawnParameters,
    seed: fc.integer({ min: 0, max: 0x7f_ff_ff_ff }),
  })
  .map(({ setting, method, parameters, seed }) => {
    const possible = setting.isPooled ? [...averagePooled, ...averagePooled, ...others] : others;
    const allowed = possible.filter(
      ({ declares }) => (declares.reluRule ?? 'plain') === 'plain' || !hasOtherActivationsOnly(setting),
    );
    return sceneOf(setting, allowed[method % allowed.length]!, parameters, seed);
  });

/** Rules for ReLUs refuse a network that has other activations, and no ReLU. */
function hasOtherActivationsOnly({ description }: Setting): boolean {
  const rows = Object.values(description.modules);
  const calls = rows.flatMap((row) => ('calls' in row ? row.calls : []));
  const ops = calls.flatMap((call) => ('op' in call ? [call.op] : []));
  if (ops.some((op) => op.startsWith('relu'))) return false;
  return ops.some((op) => !ofLayers.has(op)) && !rows.some((row) => 'type' in row && row.type.startsWith('ReLU'));
}
/** Functions of networks without other functions. */
const ofLayers = new Set(['adaptive_avg_pool2d', 'avg_pool2d', 'max_pool2d', 'add', 'cat', 'flatten']);

function sceneOf({ isPooled, ...setting }: Setting, method: Method, drawn: DrawnParameters, seed: number): MethodScene {
  const { modules } = setting.description;
  const called = new Set(
    Object.values(modules).flatMap((row) =>
      'calls' in row ? row.calls.flatMap((call) => ('module' in call ? [call.module] : [])) : [],
    ),
  );
  const leaves = Object.entries(modules).flatMap(([path, row]) =>
    'attributes' in row && called.has(path) ? [[path, row.type]] : [],
  );
  const params = parametersFor(method, drawn, {
    maps: leaves.flatMap(([path, type]) => (type === 'Linear' || type === 'Flatten' ? [] : [path!])),
    pooled: isPooled ? ['maps'] : [],
    weighted: leaves.flatMap(([path, type]) => (type === 'Conv2d' || type === 'Linear' ? [path!] : [])),
  });
  const noise = drawNoise(seed, Number(params['samples'] ?? 0), setting.x.shape, setting.exact ? 'exact' : 'rough');
  return {
    ...setting,
    method: method.id,
    params,
    fixtures: method.fixtures.includes('noise') ? { noise } : {},
    // A share such as 0.15 has no short binary form.
    exact: setting.exact && method.id !== 'smooth-grad',
  };
}

function withRegions({ shape, data }: HostTensor, regions: readonly Region[]): HostTensor {
  const filled = Float32Array.from(data);
  const [height, width] = shape.slice(2) as [number, number];
  for (const { from, size, value } of regions) {
    const [top, left] = [from[0] % height, from[1] % width];
    for (let plane = 0; plane < data.length; plane += height * width)
      for (let y = top; y < Math.min(height, top + size[0]); y++)
        filled.fill(value, plane + y * width + left, plane + y * width + Math.min(width, left + size[1]));
  }
  return { shape, data: filled };
}

function times(factor: number, { shape, data }: HostTensor): HostTensor {
  return { shape, data: Float32Array.from(data, (value) => factor * value) };
}
