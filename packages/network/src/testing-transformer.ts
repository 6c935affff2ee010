/** For tests: a vision transformer of two blocks, small enough to read. */
import type { ContainerDescription, HostTensor, NetworkDescription } from '@touchstone/contract';

type Modules = NetworkDescription['modules'];
type Calls = ContainerDescription['calls'];

const [width, classes] = [4, 3];
/** Patches of an image of 4 rows and 6 columns. */
export const transformerGrid: [number, number] = [2, 3];
const tokens = 1 + transformerGrid[0] * transformerGrid[1];

const linear = (inFeatures: number, outFeatures: number) => ({
  type: 'Linear',
  attributes: { inFeatures, outFeatures, bias: true },
});

/** A module of its own weight and of one product: a leaf, as LayerNorm is. */
const scale = (path: string) => ({
  type: 'Scale',
  inputs: ['x'],
  weights: { gain: [width] },
  calls: [
    { name: 'g', weight: `${path}.gain` },
    { name: 'y', op: 'mul', args: ['x', 'g'], attributes: {} },
  ],
  output: 'y',
});

function block(path: string): Modules {
  const at = (name: string) => `${path}.${name}`;
  const calls: Calls = [
    { name: 'n', module: at('norm1'), args: ['x'] },
    ...['q', 'k', 'v'].map((name) => ({ name, module: at(name), args: ['n'] })),
    {
      name: 'a',
      op: 'scaled_dot_product_attention',
      args: ['q', 'k', 'v'],
      attributes: { scale: 0.5, isCausal: false },
    },
    { name: 'p', module: at('proj'), args: ['a'] },
    { name: 'r', op: 'add', args: ['x', 'p'], attributes: {} },
    { name: 'm', module: at('norm2'), args: ['r'] },
    { name: 'f', module: at('mlp'), args: ['m'] },
    { name: 'g', op: 'gelu', args: ['f'], attributes: { approximate: 'none' } },
    { name: 'y', op: 'add', args: ['r', 'g'], attributes: {} },
  ];
  return {
    [path]: { type: 'Block', inputs: ['x'], calls, output: 'y' },
    [at('norm1')]: scale(at('norm1')),
    ...Object.fromEntries(['q', 'k', 'v', 'proj', 'mlp'].map((name) => [at(name), linear(width, width)])),
    [at('norm2')]: scale(at('norm2')),
  };
}

/** Patches of 2×2, a class token in front of them, two blocks, and a head that reads the class token alone. */
export function transformer(): NetworkDescription {
  const calls: Calls = [
    { name: 'p', module: 'patches', args: ['x'] },
    { name: 'f', op: 'flatten', args: ['p'], attributes: { startDim: 2, endDim: 3 } },
    { name: 't', op: 'permute', args: ['f'], attributes: { dims: [0, 2, 1] } },
    { name: 'c', weight: 'token' },
    { name: 'e', op: 'expand', args: ['c', 'x'], attributes: { shape: [null, 1, width] } },
    { name: 'a', op: 'cat', args: ['e', 't'], attributes: { dim: 1 } },
    { name: 'b', module: 'blocks.0', args: ['a'] },
    { name: 'd', module: 'blocks.1', args: ['b'] },
    { name: 'n', module: 'norm', args: ['d'] },
    { name: 's', op: 'select', args: ['n'], attributes: { dim: 1, index: 0 } },
    { name: 'y', module: 'head', args: ['s'] },
  ];
  const pair = (value: number) => [value, value];
  return {
    format: 'touchstone-network',
    version: 1,
    name: 'transformer',
    why: 'a test',
    input: { shape: [1, 4, 6] },
    modules: {
      '': { type: 'Transformer', inputs: ['x'], weights: { token: [1, 1, width] }, calls, output: 'y' },
      patches: {
        type: 'Conv2d',
        attributes: {
          inChannels: 1,
          outChannels: width,
          kernelSize: pair(2),
          stride: pair(2),
          padding: pair(0),
          dilation: pair(1),
          groups: 1,
          bias: true,
        },
      },
      ...block('blocks.0'),
      ...block('blocks.1'),
      norm: scale('norm'),
      idle: linear(width, classes),
      head: linear(width, classes),
    },
  };
}

/** Name → shape → values of both signs, all different. */
export function transformerWeights(): Record<string, HostTensor> {
  const shapes: Record<string, readonly number[]> = { token: [1, 1, width], 'patches.weight': [width, 1, 2, 2] };
  shapes['patches.bias'] = [width];
  for (const path of ['blocks.0', 'blocks.1']) {
    for (const name of ['q', 'k', 'v', 'proj', 'mlp']) {
      shapes[`${path}.${name}.weight`] = [width, width];
      shapes[`${path}.${name}.bias`] = [width];
    }
    for (const name of ['norm1', 'norm2']) shapes[`${path}.${name}.gain`] = [width];
  }
  shapes['norm.gain'] = [width];
  for (const name of ['idle', 'head']) {
    shapes[`${name}.weight`] = [classes, width];
    shapes[`${name}.bias`] = [classes];
  }
  let drawn = 0;
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((product, each) => product * each, 1);
      return [name, { shape, data: Float32Array.from({ length: size }, () => Math.sin(++drawn * 1.7)) }];
    }),
  );
}

export const transformerTokens = tokens;
