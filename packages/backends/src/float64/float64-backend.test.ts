import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Float64Backend } from './float64-backend.js';
import { float64 } from './index.js';

const engine = (): Float64Backend => tf.backend() as Float64Backend;

/** The entry for exact doubles. */
function enter(values: Float64Array | Float32Array | number[], shape: number[]): tf.Tensor {
  const dtype = 'float32';
  return tf.engine().makeTensorFromTensorInfo({ dataId: engine().write(values, shape, dtype), shape, dtype });
}

beforeAll(() => float64.open());

describe('numbers', () => {
  const awkward = [0.1, -0, Number.NaN, Infinity, 5e-324, Number.MAX_VALUE, 1 + 2 ** -52];

  it.each([
    ['Float64Array', Float64Array.from(awkward)],
    ['an array', awkward],
  ])('enter and leave to the bit: %s', async (_, values) => {
    const tensor = enter(values, [7]);
    expect(Array.from(tensor.dataSync())).toEqual(awkward);
    const read: unknown = await tensor.data();
    expect(read).toBeInstanceOf(Float64Array);
    expect(read).toEqual(Float64Array.from(awkward));
    tensor.dispose();
  });

  it('enter as float32 from a Float32Array', () => {
    const tensor = enter(Float32Array.of(0.1), [1]);
    expect(tensor.dataSync()[0]).toBe(Math.fround(0.1));
    tensor.dispose();
  });

  it('are summed in doubles, in order', () => {
    const tenths = enter(
      Array.from({ length: 10 }, () => 0.1),
      [10],
    );
    expect(tf.tidy(() => tf.sum(tenths).dataSync()[0])).toBe(0.999_999_999_999_999_9);
    expect(tf.tidy(() => tf.matMul(tf.ones([1, 10]), tf.reshape(tenths, [10, 1])).dataSync()[0])).toBe(
      0.999_999_999_999_999_9,
    );
    tenths.dispose();
  });

  it('are rounded to float32 by tf.tensor, before they come here', () => {
    expect(tf.tidy(() => tf.scalar(0.1).dataSync()[0])).toBe(Math.fround(0.1));
  });

  it('compute as JavaScript does', () => {
    const [x, y] = [enter([0.1, 2, 3.3], [3]), enter([0.2, -7, 1e-9], [3])];
    const on = (result: () => tf.Tensor): number[] => tf.tidy(() => Array.from(result().dataSync()));
    expect(on(() => tf.add(x, y))).toEqual([0.1 + 0.2, -5, 3.3 + 1e-9]);
    expect(on(() => tf.div(x, y))).toEqual([0.1 / 0.2, 2 / -7, 3.3 / 1e-9]);
    expect(on(() => tf.exp(x))).toEqual([Math.exp(0.1), Math.exp(2), Math.exp(3.3)]);
    expect(on(() => tf.mean(x))).toEqual([(0.1 + 2 + 3.3) / 3]);
    tf.dispose([x, y]);
  });

  it('truncate to int32 and bool as TF.js does', () => {
    const read = (cast: 'int32' | 'bool'): unknown =>
      tf.tidy(() => tf.cast(enter([-1.7, 0, 2.5], [3]), cast).dataSync());
    expect(read('int32')).toEqual(Int32Array.of(-1, 0, 2));
    expect(read('bool')).toEqual(Uint8Array.of(1, 0, 1));
  });

  it('have the epsilon of the float32 backends, not of float16', () => {
    expect([engine().floatPrecision(), engine().epsilon()]).toEqual([64, 1e-7]);
  });

  it('cannot be changed from outside', () => {
    const values = Float64Array.of(1, 2);
    const tensor = enter(values, [2]);
    values[0] = 9;
    tensor.dataSync()[1] = 9;
    expect(Array.from(tensor.dataSync())).toEqual([1, 2]);
    tensor.dispose();
  });
});

describe('bookkeeping', () => {
  let before = { tensors: 0, data: 0 };
  const now = (): typeof before => ({ tensors: tf.memory().numTensors, data: engine().numDataIds() });
  beforeEach(() => {
    before = now();
  });

  it('frees memory that views share with the last of them', () => {
    const x = enter([1, 2, 3, 4], [4]);
    const view = tf.reshape(x, [2, 2]);
    const clone = x.clone();
    x.dispose();
    expect(Array.from(view.dataSync())).toEqual([1, 2, 3, 4]);
    view.dispose();
    expect(Array.from(clone.dataSync())).toEqual([1, 2, 3, 4]);
    clone.dispose();
    expect(now()).toEqual(before);
  });

  it('counts variables', () => {
    const initial = enter([1], [1]);
    const variable = tf.variable(initial);
    initial.dispose();
    const next = enter([0.1], [1]);
    variable.assign(next);
    next.dispose();
    expect(variable.dataSync()[0]).toBe(0.1);
    variable.dispose();
    expect(now()).toEqual(before);
  });

  it.each([
    ['incompatible shapes', () => tf.engine().runKernel('Add', { a: tf.ones([2]), b: tf.ones([3]) })],
    ['an index outside', () => tf.gather(tf.ones([3]), tf.tensor1d([0, 3], 'int32'))],
    [
      'a fused activation that it lacks',
      () => tf.fused.matMul({ a: tf.ones([2, 2]), b: tf.ones([2, 2]), bias: tf.ones([2]), activation: 'elu' }),
    ],
    [
      'a gradient of the wrong size',
      () =>
        tf.engine().runKernel('Conv2DBackpropInput', { dy: tf.ones([1, 2, 2, 1]), filter: tf.ones([3, 3, 1, 1]) }, {
          inputShape: [1, 5, 5, 1],
          strides: 1,
          pad: 'valid',
        } as never),
    ],
    [
      'channels first',
      () => tf.conv2d(tf.ones([1, 1, 3, 3]) as tf.Tensor4D, tf.ones([1, 1, 1, 1]), 1, 'valid', 'NCHW'),
    ],
    ['a kernel that it lacks', () => tf.fft(tf.complex([1], [1]))],
    ['strings', () => tf.tensor(['a'])],
    ['too few values', () => enter([1, 2, 3], [2, 2])],
  ])('has nothing left when a kernel throws: %s', (_, run) => {
    expect(() => tf.tidy(run)).toThrow();
    expect(now()).toEqual(before);
  });
});
