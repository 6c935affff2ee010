import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { offsets, padSpace, unfoldAt, type Size2 } from '../ops/windows.js';
import type { GradientRules } from '../rules.js';
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
  const value = tf.tidy(() => {
    if (Math.max(...dilation) === 1) return tf.maxPool(padded(), [...kernelSize], [...stride], 'valid');
    return offsets(settings)
      .map((offset) => unfoldAt(padded(), offset, stride, size))
      .reduce((a, b) => tf.maximum(a, b));
  });
  return Variable.result(
    'max_pool2d',
    value,
    [x],
    (R) => {
      const gradient = rules.maxPool(R as tf.Tensor4D, ...rules.atMaxPool(padded(), value), settings);
      const [[top], [left]] = margins;
      return [padSpace(gradient, [-top, h + top - gradient.shape[1]], [-left, w + left - gradient.shape[2]])];
    },
    [x],
  );
}
