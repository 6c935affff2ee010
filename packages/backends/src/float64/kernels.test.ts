import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { assertAgreement, onFloat64, openBoth, sample } from './agreement.js';

beforeAll(openBoth);

/** What the network package and its gradient rules call. */
const required = `
  Add Sub Multiply RealDiv Maximum Minimum Pow SquaredDifference AddN Neg Abs Sign Square Sqrt Rsqrt Reciprocal Exp
  Log Erf Tanh Sigmoid Relu Relu6 Step ClipByValue IsNan Floor Round Equal NotEqual Greater GreaterEqual Less LessEqual
  LogicalAnd LogicalOr LogicalNot Select Cast Identity Reshape Fill ZerosLike OnesLike Range Sum Mean Max Min Prod All
  Any ArgMax ArgMin Softmax BatchMatMul _FusedMatMul Conv2D Conv2DBackpropInput Conv2DBackpropFilter
  DepthwiseConv2dNative DepthwiseConv2dNativeBackpropInput DepthwiseConv2dNativeBackpropFilter MaxPool AvgPool PadV2
  MirrorPad Transpose Concat Slice StridedSlice SplitV Pack Unpack Tile GatherV2 OneHot Reverse ExpandDims
  ResizeBilinear ResizeNearestNeighbor Cumsum TopK`
  .trim()
  .split(/\s+/);

it('registers every kernel that is required, and no other', () => {
  expect(
    tf
      .getKernelsForBackend('float64')
      .map(({ kernelName }) => kernelName)
      .sort(),
  ).toEqual(required.sort());
});

/** Unary ops by name, over zeros, ties, both signs, halves, large values, NaN and infinities. */
const hard = (): tf.Tensor =>
  tf.tensor1d([-Infinity, -100, -2.5, -1.5, -1, -0.5, -0, 0, 0.5, 1, 1.5, 2.5, 6, 7.25, 80, Infinity, Number.NaN]);
describe('elementwise kernels agree with the cpu backend', () => {
  const {
    neg,
    abs,
    sign,
    square,
    sqrt,
    rsqrt,
    reciprocal,
    exp,
    log,
    tanh,
    sigmoid,
    relu,
    relu6,
    isNaN,
    floor,
    round,
    zerosLike,
    onesLike,
  } = tf;
  it.each(
    Object.entries({
      neg,
      abs,
      sign,
      square,
      sqrt,
      rsqrt,
      reciprocal,
      exp,
      log,
      tanh,
      sigmoid,
      relu,
      relu6,
      isNaN,
      floor,
      round,
      zerosLike,
      onesLike,
    }),
  )('%s', (_, op) => assertAgreement(() => op(hard())));

  it.each<[string, () => tf.Tensor]>([
    ['step', () => tf.step(hard(), 0.25)],
    ['clip', () => tf.clipByValue(hard(), -1, 2)],
    ['cast to int32', () => tf.cast(tf.slice(hard(), 1, 14), 'int32')],
    ['cast to bool', () => tf.cast(hard(), 'bool')],
    ['cast from bool', () => tf.cast(tf.greater(hard(), 0), 'float32')],
    ['logical not', () => tf.logicalNot(tf.greater(hard(), 0))],
    ['fill', () => tf.engine().runKernel('Fill', {}, { shape: [2, 3], value: 0.5, dtype: 'float32' })],
    ['fill without elements', () => tf.engine().runKernel('Fill', {}, { shape: [2, 0], value: 0.5, dtype: 'int32' })],
    ['range up', () => tf.range(1, 8, 2.5)],
    ['range down', () => tf.range(3, -1)],
    ['empty range', () => tf.range(3, 1, 2)],
    ['addN', () => tf.addN([sample([2, 3], 1), sample([2, 3], 2), sample([2, 3], 3)])],
    ['softmax', () => tf.softmax(sample([2, 3, 5]))],
    ['softmax of large logits', () => tf.softmax(tf.tensor2d([[1000, 1001, -1000]]))],
  ])('%s', (_, compute) => assertAgreement(compute));
});

describe('matrix products agree with the cpu backend', () => {
  it.each<[string, () => tf.Tensor]>([
    ['odd sizes', () => tf.matMul(sample([3, 5]), sample([5, 7], 1))],
    ['one row', () => tf.matMul(sample([1, 9]), sample([9, 6], 1))],
    ['one column', () => tf.matMul(sample([6, 9]), sample([9, 1], 1))],
    ['transposeA', () => tf.matMul(sample([5, 3]), sample([5, 7], 1), true)],
    ['transposeB', () => tf.matMul(sample([3, 5]), sample([7, 5], 1), false, true)],
    ['both transposed', () => tf.matMul(sample([5, 3]), sample([7, 5], 1), true, true)],
    ['a batch', () => tf.matMul(sample([4, 3, 5]), sample([4, 5, 2], 1))],
    ['a batch by one matrix', () => tf.matMul(sample([4, 3, 5]), sample([1, 5, 2], 1))],
    [
      'bias and relu6',
      () => tf.fused.matMul({ a: sample([3, 5]), b: sample([5, 7], 1), bias: sample([7], 2), activation: 'relu6' }),
    ],
    ['sigmoid without bias', () => tf.fused.matMul({ a: sample([3, 5]), b: sample([5, 7], 1), activation: 'sigmoid' })],
  ])('%s', (_, compute) => assertAgreement(compute));

  it('broadcasts both batches at once, which the cpu backend gets wrong', () => {
    onFloat64(() => {
      const [a, b] = [sample([2, 1, 3, 5]), sample([1, 4, 5, 2], 1)];
      const whole = tf.matMul(a, b);
      const single = tf.matMul(
        tf.reshape(tf.slice(a, [1, 0], [1, 1]), [3, 5]),
        tf.reshape(tf.slice(b, [0, 2], [1, 1]), [5, 2]),
      );
      expect(whole.shape).toEqual([2, 4, 3, 2]);
      expect(tf.slice(whole, [1, 2], [1, 1]).dataSync()).toEqual(single.dataSync());
    });
  });
});

describe('sorting and sums along an axis agree with the cpu backend', () => {
  it.each<[string, () => tf.Tensor | tf.Tensor[]]>([
    ['cumsum', () => tf.cumsum(sample([3, 4, 2]), 1)],
    ['cumsum, exclusive', () => tf.cumsum(sample([3, 4, 2]), 0, true)],
    ['cumsum, reverse', () => tf.cumsum(sample([3, 4, 2]), 2, false, true)],
    ['cumsum, exclusive and reverse', () => tf.cumsum(sample([3, 4, 2]), 1, true, true)],
    [
      'top k',
      () =>
        Object.values(
          tf.topk(
            tf.tensor2d([
              [3, 9, -1, 4],
              [8, -2, 7, 0],
            ]),
            3,
          ),
        ),
    ],
  ])('%s', (_, compute) => assertAgreement(compute));

  it('of equal values the first comes first', () => {
    onFloat64(() => expect(Array.from(tf.topk(tf.tensor1d([1, 5, 5, 1]), 4).indices.dataSync())).toEqual([1, 2, 0, 3]));
  });
});

describe('resizing agrees with the cpu backend', () => {
  const grids = [
    [false, false],
    [true, false],
    [false, true],
  ] as const;
  const rows = [
    [7, 9],
    [2, 3],
    [5, 4],
    [1, 1],
    [10, 2],
  ].flatMap(([height, width]) => grids.map(([align, half]) => [height!, width!, align, half] as const));
  it.each(rows)('to %i×%i, align corners %s, half pixels %s', (height, width, align, half) => {
    assertAgreement(() => tf.image.resizeBilinear(sample([2, 5, 4, 3]) as tf.Tensor4D, [height, width], align, half));
    assertAgreement(() =>
      tf.image.resizeNearestNeighbor(sample([2, 5, 4, 3]) as tf.Tensor4D, [height, width], align, half),
    );
  });
});
