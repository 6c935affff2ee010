import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { constant } from '../layout.js';
import { bounded, boundOf, losesNaN, mayHoldNaN } from '../ops/magnitude.js';
import { offsets, padSpace, unfoldAt, type Size2 } from '../ops/windows.js';
import { firstMaximum, type GradientRules } from '../rules.js';
import { pooledSize, type PoolSettings } from './pooled-size.js';

/** x [N,H,W,C] → [N,H',W',C]; padding is −∞. @throws `bad-input` where no window fits */
export function maxPool2d(
  x: Variable,
  settings: PoolSettings & { readonly dilation: Size2 },
  rules: GradientRules,
): Variable {
  const { kernelSize, stride, padding, dilation } = settings;
  const input = x.value as tf.Tensor4D;
  const [, h, w] = input.shape;
  const size: Size2 = [pooledSize(h, 0, settings, dilation[0]), pooledSize(w, 1, settings, dilation[1])];
  const end = (i: 0 | 1, from: number) =>
    (size[i] - 1) * stride[i] + dilation[i] * (kernelSize[i] - 1) + 1 - padding[i] - from;
  const margins: [Size2, Size2] = [
    [padding[0], end(0, h)],
    [padding[1], end(1, w)],
  ];
  const padded = () => padSpace(input, ...margins, -Infinity);
  const poolOf = (v: tf.Tensor4D): tf.Tensor4D => {
    if (Math.max(...dilation) === 1) return tf.maxPool(v, [...kernelSize], [...stride], 'valid');
    return offsets(settings)
      .map((offset) => unfoldAt(v, offset, stride, size))
      .reduce((a, b) => tf.maximum(a, b));
  };
  const value: tf.Tensor4D = tf.tidy(() => {
    const y = poolOf(padded());
    if (!losesNaN('max-pool') || !mayHoldNaN(input)) return y;
    return tf.where(holdsNaN(padded(), poolOf), tf.fill(y.shape, NaN), y);
  });
  bounded(value, boundOf(input));
  return Variable.result(
    'max_pool2d',
    value,
    [x],
    (R) => {
      const gradient = rules.maxPool(R as tf.Tensor4D, ...rules.atMaxPool(padded(), value), settings);
      const [[top], [left]] = margins;
      const ofInput = padSpace(gradient, [-top, h + top - gradient.shape[1]], [-left, w + left - gradient.shape[2]]);
      return [rules.maxPool === firstMaximum ? bounded(ofInput, boundOf(R) * kernelSize[0] * kernelSize[1]) : ofInput];
    },
    [x],
  );
}

/** For each window, whether it holds NaN. */
function holdsNaN(x: tf.Tensor4D, poolOf: (v: tf.Tensor4D) => tf.Tensor4D): tf.Tensor {
  const isNaN: tf.Tensor4D = tf.cast(tf.notEqual(x, x), 'float32');
  return tf.greater(poolOf(isNaN), constant([0], []));
}
