import type * as tf from '@tensorflow/tfjs-core';
import { valuesIn, type OpAttributes, type OpName } from '@touchstone/contract';
import { adaptiveWindows } from '../../functional/adaptive-max-pool2d.js';
import { transposedSize } from '../../functional/conv-transpose2d.js';
import * as F from '../../functional/functional.js';
import { paddedShape } from '../../functional/pad.js';
import { adaptivePool, paddedValues, pool, windows as windowsOf, type Rule, type Shape } from '../shape-rules.js';
import type { OpRows } from './row.js';

const convolved: Rule<OpAttributes<'conv2d'>> = ([x, weight, bias], attributes) => {
  if (x!.length !== 4 || weight!.length !== 4) return null;
  const [out, perGroup, ...kernelSize] = weight as [number, number, number, number];
  if (perGroup * attributes.groups !== x![1] || out % attributes.groups !== 0 || !isBias(bias, out)) return null;
  return windowsOf(x!, { ...attributes, kernelSize }, out);
};

const transposed: Rule<OpAttributes<'conv_transpose2d'>> = ([x, weight, bias], attributes) => {
  if (x!.length !== 4 || weight!.length !== 4) return null;
  const [n, channels, rows, columns] = x as [number, number, number, number];
  const [from, perGroup, ...kernelSize] = weight as [number, number, number, number];
  const out = perGroup * attributes.groups;
  if (from !== channels || channels % attributes.groups !== 0 || !isBias(bias, out)) return null;
  const { stride, dilation, outputPadding } = attributes;
  if (outputPadding.some((more, i) => more >= Math.max(stride[i]!, dilation[i]!))) return null;
  return [n, out, ...transposedSize([rows, columns], kernelSize, attributes)];
};

const isBias = (bias: Shape | undefined, channels: number): boolean =>
  bias === undefined || (bias.length === 1 && bias[0] === channels);

/** Of the weight [out,in/groups,h,w], at each value of the output or, transposed, at each of the input. */
const perValue = ([, ...sizes]: Shape): number => valuesIn(sizes);

/** Zeros between and around the values of x. */
const spread: (inputs: readonly Shape[], attributes: OpAttributes<'conv_transpose2d'>) => number = (
  [x, weight],
  { stride, dilation },
) => {
  const along = (i: 0 | 1) => x![2 + i]! * stride[i] + 2 * dilation[i] * (weight![2 + i]! - 1);
  return x![0]! * x![1]! * along(0) * along(1);
};

/** Functions of the neighbourhood of a pixel. */
export const windows = {
  max_pool2d: { shape: pool, largest: paddedValues, run: ([x], a, rules) => F.maxPool2d(x!, a, rules) },
  avg_pool2d: { shape: pool, largest: paddedValues, run: ([x], a) => F.avgPool2d(x!, a) },
  adaptive_avg_pool2d: { shape: adaptivePool, run: ([x], a) => F.adaptiveAvgPool2d(x!, a.outputSize) },
  adaptive_max_pool2d: {
    shape: adaptivePool,
    largest: ([x], { outputSize }) => {
      const along = (i: 0 | 1) => adaptiveWindows(x![2 + i]!, outputSize[i] ?? x![2 + i]!).index.length;
      return x![0]! * x![1]! * along(0) * along(1);
    },
    run: ([x], a, rules) => F.adaptiveMaxPool2d(x!, a.outputSize, rules),
  },
  conv2d: {
    inputs: [2, 3],
    shape: convolved,
    multiplyAdds: ([, weight], _, output) => perValue(weight!) * valuesIn(output),
    largest: paddedValues,
    prepare: (weight, a) => F.kernelsOfWeight(weight as tf.Tensor4D, a),
    run: ([x, weight, bias], a) => F.conv2dOfWeight(x!, weight!, bias ?? null, a),
  },
  conv_transpose2d: {
    inputs: [2, 3],
    shape: transposed,
    multiplyAdds: ([x, weight], { stride }) => perValue(weight!) * valuesIn(x!) * stride[0] * stride[1],
    largest: spread,
    prepare: (weight, a) => F.transposedKernels(weight as tf.Tensor4D, a),
    run: ([x, weight, bias], a) => F.convTranspose2d(x!, weight!, bias ?? null, a),
  },
  interpolate: {
    shape: ([x], { size }) => (x!.length === 4 ? [x![0]!, x![1]!, ...size] : null),
    multiplyAdds: ([x], { size }) => valuesIn(x!) * size[1] + valuesIn(x!.slice(0, 3)) * size[1] * size[0],
    largest: ([x], { size }) => valuesIn(x!.slice(0, 3)) * size[1],
    run: ([x], a) => F.interpolate(x!, a),
  },
  pad: { shape: ([x], a) => paddedShape(x!, a), run: ([x], a) => F.pad(x!, a) },
} satisfies Partial<OpRows<OpName>>;
