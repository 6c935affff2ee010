import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { assertAgreement, onFloat64, openBoth, sample } from './agreement.js';

beforeAll(openBoth);

type Explicit = [[number, number], [number, number], [number, number], [number, number]];
interface Geometry {
  readonly image: [number, number, number, number];
  readonly window: [number, number];
  readonly channelsOut: number;
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pad: 'valid' | 'same' | Explicit;
}

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const padding = fc.constantFrom<Geometry['pad']>(
  'valid',
  'same',
  [
    [0, 0],
    [1, 0],
    [0, 2],
    [0, 0],
  ],
  [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ],
);

/** Non-square, odd and even; strides or dilations, never both, as TF.js asks. */
const geometry: fc.Arbitrary<Geometry> = fc
  .record({
    image: fc.tuple(small(1, 2), small(7, 10), small(7, 10), small(1, 5)),
    window: fc.tuple(small(1, 3), small(1, 3)),
    channelsOut: small(1, 5),
    steps: fc.tuple(small(1, 3), small(1, 2)),
    dilated: fc.boolean(),
    pad: padding,
  })
  .map(({ image, window, channelsOut, steps, dilated, pad }) => ({
    image,
    window,
    channelsOut,
    pad,
    strides: dilated ? [1, 1] : steps,
    dilations: dilated ? steps : [1, 1],
  }));
const undilated = geometry.filter(({ dilations }) => dilations[0] === 1 && dilations[1] === 1);

const runs = { numRuns: 50 };
const check = (arbitrary: fc.Arbitrary<Geometry>, compute: (geometry: Geometry) => tf.Tensor): void =>
  fc.assert(
    fc.property(arbitrary, (value) => assertAgreement(() => compute(value))),
    runs,
  );

const dense = (
  { image, window, channelsOut, strides, dilations, pad }: Geometry,
  x = sample(image),
  w = sample([...window, image[3], channelsOut], 1),
): tf.Tensor4D => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad, 'NHWC', dilations);
const perChannel = (
  { image, window, channelsOut, strides, dilations, pad }: Geometry,
  x = sample(image),
  w = sample([...window, image[3], channelsOut], 1),
): tf.Tensor4D => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad, 'NHWC', dilations);

const inputGradient = (prefix: string, g: Geometry, dy: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
  tf.engine().runKernel(`${prefix}BackpropInput`, { dy, filter }, {
    strides: g.strides,
    dilations: g.dilations,
    pad: g.pad,
    dataFormat: 'NHWC',
    inputShape: g.image,
  } as never);
const filterGradient = (prefix: string, g: Geometry, x: tf.Tensor, dy: tf.Tensor): tf.Tensor =>
  tf.engine().runKernel(`${prefix}BackpropFilter`, { x, dy }, {
    strides: g.strides,
    dilations: g.dilations,
    pad: g.pad,
    dataFormat: 'NHWC',
    filterShape: [...g.window, g.image[3], g.channelsOut],
  } as never);

describe.each([
  ['Conv2D', dense],
  ['DepthwiseConv2dNative', perChannel],
] as const)('%s', (kernel, convolve) => {
  it('agrees with the cpu backend', () => check(geometry, (g) => convolve(g)));
  it("has the cpu backend's input gradient", () =>
    check(undilated, (g) => {
      const y = convolve(g);
      return inputGradient(kernel, g, sample(y.shape, 2), sample([...g.window, g.image[3], g.channelsOut], 1));
    }));
  it("has the cpu backend's filter gradient", () =>
    check(undilated, (g) => filterGradient(kernel, g, sample(g.image), sample(convolve(g).shape, 2))));

  // ⟨conv(x, w), u⟩ = ⟨x, ∂x⟩ = ⟨w, ∂w⟩; the cpu backend ignores dilations in its gradients. Conv2D's gradients have
  // none.
  it('has adjoint gradients, in doubles', () => {
    fc.assert(
      fc.property(kernel === 'Conv2D' ? undilated : geometry, (g) =>
        onFloat64(() => {
          const x = tf.exp(sample(g.image));
          const w = tf.exp(sample([...g.window, g.image[3], g.channelsOut], 1));
          const y = convolve(g, x, w);
          const u = tf.exp(sample(y.shape, 2));
          const inner = (a: tf.Tensor, b: tf.Tensor): number => tf.sum(tf.mul(a, b)).dataSync()[0]!;
          const expected = inner(y, u);
          expect(Math.abs(inner(x, inputGradient(kernel, g, u, w)) / expected - 1)).toBeLessThan(1e-13);
          expect(Math.abs(inner(w, filterGradient(kernel, g, x, u)) / expected - 1)).toBeLessThan(1e-13);
        }),
      ),
      runs,
    );
  });
});

describe('convolution', () => {
  it('is the same, to the bit, in strips and as a whole, in a batch and alone', () => {
    onFloat64(() => {
      const g: Geometry = {
        image: [2, 40, 50, 20],
        window: [3, 3],
        channelsOut: 5,
        strides: [1, 1],
        dilations: [1, 1],
        pad: 'same',
      };
      const x = tf.exp(sample(g.image)) as tf.Tensor4D;
      const w = tf.exp(sample([3, 3, 20, 5], 1));
      const whole = dense(g, x, w); // 40·50·180 doubles of patches an image: two strips
      const alone = dense({ ...g, image: [1, 5, 50, 20] }, tf.slice(x, [1, 28, 0, 0], [1, 5, 50, 20]), w);
      expect(tf.slice(alone, [0, 1], [1, 3]).dataSync()).toEqual(tf.slice(whole, [1, 29], [1, 3]).dataSync());
    });
  });
});

describe('pooling', () => {
  const options = ({ image, window, strides, pad }: Geometry) =>
    [sample(image) as tf.Tensor4D, window, strides, pad] as const;
  it('by maximum agrees with the cpu backend', () => check(undilated, (g) => tf.maxPool(...options(g))));
  it('by mean agrees with the cpu backend', () => check(undilated, (g) => tf.avgPool(...options(g))));
  it.each(['floor', 'round', 'ceil'] as const)('rounds sizes as the cpu backend does: %s', (rounding) =>
    assertAgreement(() => tf.maxPool(sample([1, 5, 6, 2]) as tf.Tensor4D, 2, 2, 0, rounding)),
  );

  it('lets NaN through, as PyTorch does', () => {
    onFloat64(() =>
      expect(tf.maxPool(tf.tensor4d([Number.NaN, 5, 1, 2], [1, 2, 2, 1]), 2, 2, 'valid').dataSync()[0]).toBeNaN(),
    );
  });
});
