/** Normalisation by the statistics of each image, as in PyTorch: with the biased variance. */
import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { axisOf, constant } from '../layout.js';
import { axisMap } from '../ops/axis-maps.js';
import { number, power } from '../ops/elementary.js';
import { aligned, alongChannels, sumTo, sumToChannels } from './broadcasting.js';
import { sumOver } from './reductions.js';

/** Weight and bias; absent: 1 and 0. */
export interface Affine {
  readonly weight: Variable | null;
  readonly bias: Variable | null;
}

/** Over the last `dims` NCHW dimensions; weight and bias have their shape. */
export function layerNorm(x: Variable, dims: number, { weight, bias }: Affine, eps: number): Variable {
  return normalised('layer_norm', x, { ...overLast(x, dims), eps, isCentred: true, weight, bias });
}

/** x/√(mean x² + eps) over the last `dims` NCHW dimensions. */
export function rmsNorm(x: Variable, dims: number, weight: Variable | null, eps: number): Variable {
  return normalised('rms_norm', x, { ...overLast(x, dims), eps, isCentred: false, weight, bias: null });
}

/** Over each of `groups` groups of channels and all positions; weight and bias [C]. x [N,C,…] with any dimensions. */
export function groupNorm(x: Variable, groups: number, { weight, bias }: Affine, eps: number): Variable {
  const { rank, shape } = x.value;
  const [n, channels] = [shape[0]!, shape[axisOf(1, rank)]!];
  const [view, axes] =
    rank === 4
      ? ([
          [n, shape[1]! * shape[2]!, groups, channels / groups],
          [1, 3],
        ] as const)
      : ([[n, groups, x.value.size / (n * groups)], [2]] as const);
  return normalised('group_norm', x, {
    view,
    axes,
    eps,
    isCentred: true,
    weight,
    bias,
    align: (values) => alongChannels(values, rank),
    sumBack: (R) => sumToChannels(R, channels),
  });
}

interface Settings extends Affine {
  /** The shape in which x is normalised over `axes`. */
  readonly view: readonly number[];
  readonly axes: readonly number[];
  readonly eps: number;
  /** Whether the mean is subtracted. */
  readonly isCentred: boolean;
  /** Weight or bias in a shape that broadcasts with x. */
  readonly align: (values: tf.Tensor) => tf.Tensor;
  /** The gradient of weight or bias, from that of each value. */
  readonly sumBack: (R: tf.Tensor, shape: readonly number[]) => tf.Tensor;
}

function overLast(x: Variable, dims: number): Pick<Settings, 'view' | 'axes' | 'align' | 'sumBack'> {
  const { rank, shape } = x.value;
  return {
    view: shape,
    axes: Array.from({ length: dims }, (_, i) => axisOf(rank - dims + i, rank)),
    align: (values) => aligned(values, rank),
    sumBack: sumTo,
  };
}

function normalised(name: string, x: Variable, settings: Settings): Variable {
  const { weight, bias, align, sumBack, axes } = settings;
  const input = x.value;
  const y = tf.tidy(() => {
    const { unit } = standardised(input, settings);
    const scaled = weight ? tf.mul(unit, align(weight.value)) : unit;
    return bias ? tf.add(scaled, align(bias.value)) : scaled;
  });
  const backward = (R: tf.Tensor): (tf.Tensor | null)[] => {
    const { unit, inverse } = standardised(input, settings);
    const ofInput = (): tf.Tensor => {
      const g = tf.reshape(weight ? tf.mul(R, align(weight.value)) : R, inView(settings));
      const u = tf.reshape(unit, inView(settings));
      const along = tf.mul(u, meanOver(tf.mul(g, u), axes));
      const across = settings.isCentred ? tf.add(along, meanOver(g, axes)) : along;
      return tf.reshape(tf.mul(inverse, tf.sub(g, across)), input.shape);
    };
    return [
      x.requiresGrad ? ofInput() : null,
      weight?.requiresGrad ? sumBack(tf.mul(R, unit), weight.shape) : null,
      bias?.requiresGrad ? sumBack(R, bias.shape) : null,
    ];
  };
  return Variable.result(name, y, [x, weight, bias], backward, [x]);
}

const inView = ({ view }: Settings): number[] => [...view];

/** `unit`: x without its mean (if so) and by its deviation, in the shape of x; `inverse`: 1/deviation, in the view. */
function standardised(x: tf.Tensor, settings: Settings): { unit: tf.Tensor; inverse: tf.Tensor } {
  const { axes, eps, isCentred } = settings;
  const viewed = tf.reshape(x, inView(settings));
  const centred = isCentred ? tf.sub(viewed, meanOver(viewed, axes)) : viewed;
  const inverse = tf.rsqrt(tf.add(meanOver(tf.square(centred), axes), number(eps)));
  return { unit: tf.reshape(tf.mul(centred, inverse), x.shape), inverse };
}

function meanOver(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  const total = sumOver(x, axes);
  return tf.div(total, number(x.size / total.size));
}

export interface LocalResponse {
  /** Channels. */
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

/**
 * x/(k + alpha·m)^beta, where m is the mean of x² over `size` neighbouring channels, with zeros beyond the ends
 * (Krizhevsky et al. 2012, where alpha is not divided by size). x [N,C,…] with any dimensions.
 */
export function localResponseNorm(x: Variable, { size, alpha, beta, k }: LocalResponse): Variable {
  const input = x.value;
  const channels = input.shape[axisOf(1, input.rank)]!;
  const near = axisMap(channels, channels, (set, row) => {
    const first = row - Math.floor(size / 2);
    for (let i = Math.max(0, first); i < Math.min(channels, first + size); i++) set(i, 1 / size);
  });
  const neighbours = (values: tf.Tensor, isTransposed = false): tf.Tensor => {
    const matrix = constant(near.data, [channels, channels]) as tf.Tensor2D;
    const isNhwc = input.rank === 4;
    const product = isNhwc
      ? tf.matMul(tf.reshape(values, [-1, channels]), matrix, false, !isTransposed)
      : tf.matMul(
          tf.broadcastTo(tf.reshape(matrix, [1, channels, channels]), [input.shape[0]!, channels, channels]),
          tf.reshape(values, [input.shape[0]!, channels, -1]),
          isTransposed,
        );
    return tf.reshape(product, input.shape);
  };
  const base = (): tf.Tensor => tf.add(tf.mul(neighbours(tf.square(input)), number(alpha)), number(k));
  const y = tf.tidy(() => tf.mul(input, power(base(), -beta)));
  return Variable.result(
    'local_response_norm',
    y,
    [x],
    (R) => {
      const sums = base();
      const shared = neighbours(tf.mul(tf.mul(R, input), power(sums, -beta - 1)), true);
      return [tf.sub(tf.mul(R, power(sums, -beta)), tf.mul(tf.mul(input, shared), number(2 * alpha * beta)))];
    },
    [x],
  );
}
