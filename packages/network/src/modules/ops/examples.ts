/**
 * For tests: at least one call of every function, away from switch points, so that gradients are those of finite
 * differences. A new function needs one here.
 */
import type { HostTensor, OpAttributes, OpName } from '@touchstone/contract';

interface Given {
  /** NCHW if 4-D; all values in [low, low + 4] */
  readonly inputs: readonly HostTensor[];
  /** Which of them have no gradient. */
  readonly constant?: readonly number[];
}
type Example<T extends OpName> = Given & { readonly attributes: OpAttributes<T> };

/** A call of a function. */
export interface OpExample extends Given {
  readonly op: OpName;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** All different within 41 values, and at least 0.03 away from multiples of 0.1. */
export function values(shape: readonly number[], { low = -2, seed = 0 } = {}): HostTensor {
  const size = shape.reduce((product, n) => product * n, 1);
  const at = (i: number) => low + (((i * 17 + seed * 5 + Math.floor(i / 41)) % 41) + 0.3 + 0.07 * seed) / 10;
  return { shape: [...shape], data: Float64Array.from({ length: size }, (_, i) => at(i)) };
}

const maps = [2, 3, 4, 5];
const sequence = [2, 3, 5];
const table = [4, 3];
const one = (shape: readonly number[] = maps, options = {}): HostTensor[] => [values(shape, options)];
const two = (a: readonly number[], b: readonly number[], options = {}): HostTensor[] => [
  values(a),
  values(b, { seed: 3, ...options }),
];
const of = (inputs: HostTensor[]) => ({ inputs, attributes: {} });
/** On maps, and on another number of dimensions. */
const plain = [of(one()), of(one(sequence))];
const positive = [of(one(maps, { low: 0.2 }))];
/** Shapes that are aligned at their last NCHW dimension. */
const broadcasts = [
  [maps, maps],
  [maps, [3, 1, 1]],
  [[5], maps],
  [maps, [2, 1, 1, 5]],
  [
    [3, 1],
    [2, 1, 5],
  ],
  [[2, 2, 3, 1, 2], maps.map((n) => (n === 2 ? 2 : n === 3 ? 1 : n === 4 ? 3 : 2))],
].map(([a, b]) => two(a!, b!));

const reductions = [
  { inputs: one(), attributes: { dims: [2, 3], keepdim: false } },
  { inputs: one(), attributes: { dims: [3, 1], keepdim: true } },
  { inputs: one(), attributes: { dims: [0], keepdim: false } },
  { inputs: one(sequence), attributes: { dims: [], keepdim: false } },
  { inputs: one([2, 3, 2, 2, 3]), attributes: { dims: [3], keepdim: false } },
];
/** Weight and bias. */
const channelValues = (count: number): HostTensor[] => [values([count], { seed: 1 }), values([count], { seed: 2 })];

export const examples: { readonly [T in OpName]: readonly Example<T>[] } = {
  relu: [{ inputs: one(), attributes: { inplace: false } }],
  relu6: [{ inputs: one(maps, { low: 3 }), attributes: { inplace: false } }],
  dropout: [{ inputs: one(), attributes: { inplace: false } }],
  sigmoid: plain,
  silu: plain,
  hardswish: [of(one()), of(one(maps, { low: 1 })), of(one(maps, { low: -5 }))],
  hardsigmoid: [of(one()), of(one(maps, { low: 1 })), of(one(maps, { low: -5 }))],
  tanh: plain,
  mish: plain,
  selu: plain,
  exp: plain,
  log: positive,
  sqrt: positive,
  rsqrt: positive,
  abs: plain,
  erf: plain,
  logsigmoid: plain,
  gelu: [
    { inputs: one(), attributes: { approximate: 'none' } },
    { inputs: one(), attributes: { approximate: 'tanh' } },
  ],
  leaky_relu: [{ inputs: one(), attributes: { negativeSlope: 0.1 } }],
  elu: [{ inputs: one(), attributes: { alpha: 0.7 } }],
  celu: [{ inputs: one(), attributes: { alpha: 0.7 } }],
  softplus: [{ inputs: one(), attributes: { beta: 2, threshold: 3 } }],
  hardtanh: [{ inputs: one(), attributes: { minVal: -1, maxVal: 1.5 } }],
  clamp: [
    { inputs: one(), attributes: { min: -1, max: 1.5 } },
    { inputs: one(), attributes: { min: null, max: 0.5 } },
    { inputs: one(), attributes: { min: 0.5, max: null } },
  ],
  threshold: [{ inputs: one(), attributes: { threshold: 0.5, value: -3 } }],
  pow: [-2, -0.5, 0, 0.5, 1, 1.7, 2, 3, 5].map((exponent) => ({
    inputs: one(maps, { low: 0.3 }),
    attributes: { exponent },
  })),
  softmax: [0, 1, 2, 3].map((dim) => ({ inputs: one(), attributes: { dim } })),
  log_softmax: [1, 3].map((dim) => ({ inputs: one(), attributes: { dim } })),
  prelu: [of(two(maps, [3])), of(two(sequence, [3])), of(two(table, [1]))],
  add: broadcasts.map(of),
  sub: broadcasts.map(of),
  mul: broadcasts.map(of),
  div: broadcasts.map(([a, b]) => of([a!, values(b!.shape, { low: 0.5 })])),
  maximum: broadcasts.map(of),
  minimum: broadcasts.map(of),
  mean: reductions,
  sum: reductions,
  amax: reductions,
  norm: reductions,
  max: [
    { inputs: one(), attributes: { dim: 1, keepdim: false } },
    { inputs: one(), attributes: { dim: 3, keepdim: true } },
    { inputs: one([2, 3, 2, 2, 3]), attributes: { dim: 2, keepdim: false } },
  ],
  batch_norm: [maps, sequence, [4, 3]].map((shape) => ({
    inputs: [...one(shape), values([3], { seed: 3 }), values([3], { low: 0.5 }), ...channelValues(3)],
    constant: [1, 2],
    attributes: { eps: 0.01 },
  })),
  layer_norm: [
    {
      inputs: [...one(sequence), ...one([5]), values([5], { seed: 2 })],
      attributes: { normalizedShape: [5], eps: 0.01 },
    },
    { inputs: [...one(), ...one([4, 5])], attributes: { normalizedShape: [4, 5], eps: 0.01 } },
    { inputs: one(), attributes: { normalizedShape: [3, 4, 5], eps: 0.01 } },
  ],
  rms_norm: [
    { inputs: two(sequence, [5]), attributes: { normalizedShape: [5], eps: 0.01 } },
    { inputs: two(maps, [5]), attributes: { normalizedShape: [5], eps: 0.01 } },
  ],
  group_norm: [
    { inputs: [values([2, 4, 3, 2]), ...channelValues(4)], attributes: { numGroups: 2, eps: 0.01 } },
    { inputs: [values([2, 4, 3]), ...channelValues(4)], attributes: { numGroups: 2, eps: 0.01 } },
  ],
  instance_norm: [
    { inputs: [...one(), ...channelValues(3)], attributes: { eps: 0.01 } },
    { inputs: one(sequence), attributes: { eps: 0.01 } },
  ],
  local_response_norm: [
    { inputs: one([2, 5, 3, 2]), attributes: { size: 4, alpha: 0.5, beta: 0.75, k: 2 } },
    { inputs: one([2, 5, 3]), attributes: { size: 3, alpha: 0.5, beta: 0.75, k: 1 } },
  ],
  cat: [{ inputs: two(maps, [2, 4, 4, 5]), attributes: { dim: 1 } }],
  flatten: [{ inputs: one(), attributes: { startDim: 1, endDim: -1 } }],
  reshape: [
    { inputs: one(), attributes: { shape: [-1, 5, 4] } },
    { inputs: one(), attributes: { shape: [2, 2, -1, 6] } },
  ],
  contiguous: [{ inputs: one(), attributes: {} }],
  permute: [
    { inputs: one(), attributes: { dims: [0, 2, 3, 1] } },
    { inputs: one(sequence), attributes: { dims: [2, 0, 1] } },
  ],
  expand: [{ inputs: two([1, 3, 1, 5], maps), constant: [1], attributes: { shape: [null, -1, 4, -1] } }],
  select: [{ inputs: one(), attributes: { dim: 1, index: 2 } }],
  slice: [{ inputs: one(), attributes: { dim: 3, start: 1, end: 5, step: 2 } }],
  index_select: [{ inputs: one(), attributes: { dim: 2, index: [2, 0, 2] } }],
  roll: [{ inputs: one(), attributes: { shifts: [1, -2], dims: [2, 3] } }],
  flip: [{ inputs: one(), attributes: { dims: [1, 3] } }],
  matmul: [of(two(maps, [5, 3])), of(two([2, 1, 4, 5], [3, 5, 2])), of(two([5], [5]))],
  linear: [of([...two(maps, [3, 5]), values([3], { seed: 2 })]), of(two(table, [2, 3]))],
  scaled_dot_product_attention: [
    {
      inputs: [...two([2, 2, 4, 3], [2, 2, 5, 3]), values([2, 2, 5, 4], { seed: 2 })],
      attributes: { scale: 0.6, isCausal: false },
    },
    {
      inputs: [...two([2, 1, 3, 2], [2, 1, 4, 2]), values([2, 1, 4, 2], { seed: 2 }), values([3, 4], { seed: 1 })],
      attributes: { scale: 1, isCausal: true },
    },
  ],
  max_pool2d: [
    {
      inputs: one(),
      attributes: { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1], ceilMode: false },
    },
  ],
  avg_pool2d: [
    {
      inputs: one(),
      attributes: {
        kernelSize: [3, 2],
        stride: [1, 2],
        padding: [1, 0],
        ceilMode: false,
        countIncludePad: true,
        divisorOverride: null,
      },
    },
  ],
  adaptive_avg_pool2d: [{ inputs: one(), attributes: { outputSize: [2, 3] } }],
  adaptive_max_pool2d: [{ inputs: one(), attributes: { outputSize: [3, 2] } }],
  conv2d: [
    {
      inputs: [...two([2, 4, 5, 6], [6, 2, 2, 3]), values([6], { seed: 2 })],
      attributes: { stride: [2, 1], padding: [1, 0], dilation: [1, 2], groups: 2 },
    },
  ],
  conv_transpose2d: [
    {
      inputs: [...two([2, 4, 3, 4], [4, 3, 2, 3]), values([6], { seed: 2 })],
      attributes: { stride: [2, 1], padding: [1, 0], outputPadding: [1, 0], dilation: [1, 2], groups: 2 },
    },
  ],
  interpolate: (['nearest', 'nearest-exact', 'bilinear', 'bicubic'] as const).map((mode) => ({
    inputs: one(),
    attributes: { size: [6, 7] as [number, number], scales: null, mode, alignCorners: false },
  })),
  pad: (['constant', 'reflect', 'replicate', 'circular'] as const).map((mode) => ({
    inputs: one(),
    attributes: { padding: [1, 2, 0, 1], mode, value: mode === 'constant' ? 0.5 : 0 },
  })),
};

/** One call after another. */
export const opExamples: readonly OpExample[] = Object.entries(examples).flatMap(([op, calls]) =>
  (calls as readonly Omit<OpExample, 'op'>[]).map(({ inputs, constant = [], attributes }) => ({
    op: op as OpName,
    inputs,
    constant,
    attributes,
  })),
);
