import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { assertAgreement, onFloat64, openBoth, sample } from './agreement.js';

beforeAll(openBoth);

const runs = { numRuns: 60 };
const shapeOf = (minRank: number, maxRank: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: minRank, maxLength: maxRank });

/** Two shapes that broadcast: some dimensions of either are 1, and the second may lack leading ones. */
const broadcastable = fc.tuple(shapeOf(0, 4), fc.nat(15), fc.nat(15), fc.nat(4)).map(([shape, onesA, onesB, lead]) => {
  const thinned = (mask: number): number[] => shape.map((size, axis) => ((mask >> axis) & 1 ? 1 : size));
  return [thinned(onesA), thinned(onesB).slice(Math.min(lead, shape.length))] as const;
});

const shapeAndAxes = shapeOf(1, 4).chain((shape) =>
  fc.tuple(
    fc.constant(shape),
    fc.subarray(
      shape.map((_, axis) => axis),
      { minLength: 1 },
    ),
    fc.boolean(),
  ),
);

const check = <T>(arbitrary: fc.Arbitrary<T>, compute: (value: T) => tf.Tensor | tf.Tensor[]): void =>
  fc.assert(
    fc.property(arbitrary, (value) => assertAgreement(() => compute(value))),
    runs,
  );

const {
  add,
  sub,
  mul,
  div,
  maximum,
  minimum,
  squaredDifference,
  equal,
  notEqual,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalOr,
} = tf;
const { sum, mean, max, min, prod, all, any, argMax, argMin } = tf;

describe('broadcasting agrees with the cpu backend', () => {
  it.each(
    Object.entries({
      add,
      sub,
      mul,
      div,
      maximum,
      minimum,
      squaredDifference,
      equal,
      notEqual,
      greater,
      greaterEqual,
      less,
      lessEqual,
    }),
  )('%s', (_, op) => check(broadcastable, ([a, b]) => op(sample(a), sample(b, 1))));

  it('pow', () => check(broadcastable, ([a, b]) => tf.pow(tf.abs(sample(a)), sample(b, 1))));
  it.each(Object.entries({ logicalAnd, logicalOr }))('%s', (_, op) =>
    check(broadcastable, ([a, b]) => op(tf.greater(sample(a), 0), tf.greater(sample(b, 1), 0))),
  );
  it('where', () => check(broadcastable, ([a, b]) => tf.where(tf.greater(sample(a), 0), sample(b, 1), sample(a, 2))));
});

describe('reductions agree with the cpu backend', () => {
  it.each(Object.entries({ sum, mean, max, min, prod }))('%s', (_, op) =>
    check(shapeAndAxes, ([shape, axes, keep]) => op(sample(shape), axes, keep)),
  );
  it.each(Object.entries({ all, any }))('%s', (_, op) =>
    check(shapeAndAxes, ([shape, axes, keep]) => op(tf.greater(sample(shape), 0), axes, keep)),
  );
  it.each(Object.entries({ argMax, argMin }))('%s, the first of equals', (_, op) =>
    check(shapeAndAxes, ([shape, axes]) => op(sample(shape), axes[0])),
  );
  it('over everything', () => check(shapeOf(0, 4), (shape) => [tf.sum(sample(shape)), tf.max(sample(shape))]));
});

describe('movements agree with the cpu backend', () => {
  const permuted = shapeOf(1, 5).chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.shuffledSubarray(
        shape.map((_, axis) => axis),
        { minLength: shape.length },
      ),
    ),
  );
  const window = shapeOf(1, 4).chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.tuple(
        ...shape.map((size) => fc.tuple(fc.nat(size - 1), fc.integer({ min: 1, max: 4 }), fc.constantFrom(1, 2, 3))),
      ),
    ),
  );
  const padded = shapeOf(1, 4).chain((shape) =>
    fc.tuple(fc.constant(shape), fc.tuple(...shape.map((size) => fc.tuple(fc.nat(size - 1), fc.nat(size - 1))))),
  );

  it('transpose', () => check(permuted, ([shape, perm]) => tf.transpose(sample(shape), perm)));
  it('reverse', () => check(shapeAndAxes, ([shape, axes]) => tf.reverse(sample(shape), axes)));
  it('slice', () =>
    check(window, ([shape, cuts]) =>
      tf.slice(
        sample(shape),
        cuts.map(([at]) => at),
        cuts.map(([at, size], axis) => Math.min(size, shape[axis]! - at)),
      ),
    ));
  it('strided slice', () =>
    check(window, ([shape, cuts]) =>
      tf.stridedSlice(
        sample(shape),
        cuts.map(([at]) => at),
        shape,
        cuts.map(([, , step]) => step),
      ),
    ));
  it('strided slice with masks', () =>
    check(window, ([shape, cuts]) =>
      tf.stridedSlice(
        sample(shape),
        cuts.map(([at]) => at),
        shape,
        shape.map(() => 1),
        1,
        1,
        0,
        0,
        shape.length > 1 ? 2 : 0,
      ),
    ));
  // The cpu backend reads wrong elements when an axis is dropped and another has a step.
  it('strided slice that drops its first axis', () =>
    fc.assert(
      fc.property(window, ([shape, cuts]) =>
        onFloat64(() => {
          const [begin, steps] = [cuts.map(([at]) => at), cuts.map(([, , step]) => step)];
          const dropped = tf.stridedSlice(sample(shape), begin, shape, steps, 0, 0, 0, 0, 1);
          const kept = tf.squeeze(tf.stridedSlice(sample(shape), begin, shape.with(0, begin[0]! + 1), steps), [0]);
          expect(dropped.shape).toEqual(kept.shape);
          expect(dropped.dataSync()).toEqual(kept.dataSync());
        }),
      ),
      runs,
    ));
  it('strided slice backwards', () =>
    check(window, ([shape, cuts]) =>
      tf.stridedSlice(
        sample(shape),
        shape.map((size) => size - 1),
        shape.map(() => 0),
        cuts.map(([, , step]) => -step),
        0,
        1,
      ),
    ));
  it('pad', () =>
    check(padded, ([shape, paddings]) => [
      tf.pad(sample(shape), paddings, 3),
      tf.pad(sample(shape), paddings, -Infinity),
    ]));
  it.each(['reflect', 'symmetric'] as const)('mirror pad, %s', (mode) =>
    check(padded, ([shape, paddings]) => tf.mirrorPad(sample(shape), paddings, mode)),
  );
  it('tile', () =>
    check(window, ([shape, cuts]) =>
      tf.tile(
        sample(shape),
        cuts.map(([, , times]) => times),
      ),
    ));
  it('concat, stack and unstack', () =>
    check(shapeAndAxes, ([shape, axes]) => {
      const axis = axes[0]!;
      const [x, y] = [sample(shape), sample(shape.with(axis, shape[axis]! + 1), 1)];
      return [tf.concat([x, y, x], axis), tf.stack([x, sample(shape, 2)], axis), ...tf.unstack(x, axis)];
    }));
  it('split', () =>
    check(shapeAndAxes, ([shape, axes]) => tf.split(sample(shape.with(axes[0]!, 6)), [1, 3, 2], axes[0])));
  it('gather', () =>
    check(shapeAndAxes, ([shape, axes]) => {
      const last = shape[axes[0]!]! - 1;
      return tf.gather(
        sample(shape),
        tf.tensor2d(
          [
            [last, 0],
            [0, last],
          ],
          [2, 2],
          'int32',
        ),
        axes[0],
      );
    }));
  it('gather with a batch dimension', () =>
    assertAgreement(() =>
      tf.gather(
        sample([3, 4, 2]),
        tf.tensor2d(
          [
            [3, 0],
            [1, 1],
            [0, 2],
          ],
          [3, 2],
          'int32',
        ),
        1,
        1,
      ),
    ));
  it('one-hot, also of indices outside', () =>
    assertAgreement(() =>
      tf.oneHot(
        tf.tensor2d(
          [
            [0, 2],
            [-1, 5],
          ],
          [2, 2],
          'int32',
        ),
        4,
        0.5,
        -1,
      ),
    ));
  it('reshape and expandDims', () =>
    check(shapeAndAxes, ([shape, axes]) => [
      tf.reshape(sample(shape), [-1]),
      tf.expandDims(sample(shape), axes[0]),
      tf.expandDims(sample(shape), -1),
    ]));
});
