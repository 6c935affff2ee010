import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { constant, fromHost, Variable, type Network } from '@touchstone/network';
import { z } from 'zod';
import { firstWeighted, isWeighted } from '../core/layer.js';
import { declaresNothing, type Method } from '../core/method.js';
import { asLogits } from '../core/target.js';

const Params = z.strictObject({
  layer: z.string().nullable().default(null).describe('module path of a Conv2d or Linear; null: the first of them'),
  raster: z.number().int().min(2).max(512).default(64).describe('points on each side of the decision region'),
});
type Params = z.infer<typeof Params>;

/** The steps of the formula; a mutant replaces one. */
export interface ParametersSteps {
  /** Kernels [out,h,w,in] to [0,1], each scaled by its own values; a constant kernel becomes 0. */
  readonly stretched: (kernels: tf.Tensor4D) => tf.Tensor4D;
  /** w·p + b = 0 for each row: the point nearest to the origin and the direction, [h,4]; zeros where w is zero. */
  readonly lines: (weight: tf.Tensor2D, bias: tf.Tensor1D) => tf.Tensor2D;
  /** The rows of the raster from the topmost, +1, to the lowest, −1. */
  readonly rows: (centres: readonly number[]) => readonly number[];
}

/** The smallest divisor, as in torchvision's make_grid. */
const minRange = 1e-5;

const formula: ParametersSteps = {
  stretched: (kernels) => {
    const axes = [1, 2, 3];
    const [low, high] = [tf.min(kernels, axes, true), tf.max(kernels, axes, true)];
    return tf.div(tf.sub(kernels, low), tf.maximum(tf.sub(high, low), constant([minRange], [])));
  },
  lines: (weight, bias) => {
    const length = tf.sqrt(tf.sum(tf.square(weight), 1, true));
    const divisor = tf.where(tf.equal(length, 0), tf.onesLike(length), length);
    const normal = tf.div<tf.Tensor2D>(weight, divisor);
    const foot = tf.neg(tf.mul(tf.div(tf.reshape(bias, [-1, 1]), divisor), normal));
    const [w1, w2] = tf.split(normal, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    return tf.concat([foot, tf.neg(w2), w1], 1) as tf.Tensor2D;
  },
  rows: (centres) => centres.map((centre) => -centre),
};

export function parametersFrom(changed: Partial<ParametersSteps>): Method<Params> {
  const { stretched, lines, rows } = { ...formula, ...changed };
  return {
    id: 'parameters',
    title: 'Parameters: the weights of a layer as kernels, or as the lines of hidden units over the plane',
    source: 'Fleuret, course notes; torchvision, make_grid(normalize=True, scale_each=True)',
    image: 'kernels',
    without: ['image', 'target'],
    params: Params,
    defaultModules: { layer: firstWeighted },
    fixtures: ['labels'],
    stages: {
      weight: 'as stored',
      bias: 'where there is one',
      extent: '[1], of a network over the plane',
      region: '[1,classes,raster,raster], of a network over the plane',
      lines: '[units,4], of a network over the plane',
      attribution: 'kernels each stretched to [0,1], the lines, or the weight',
    },
    declares: declaresNothing,
    run: async ({ network, x, params }) => {
      const first = firstWeighted(network.description);
      const path = params.layer ?? first;
      if (path === undefined)
        throw new TouchstoneError(
          'bad-params',
          'the network has no Conv2d and no Linear',
          'Use a network whose layers have weights.',
        );
      const { type } = network.module(path);
      if (!isWeighted(type))
        throw new TouchstoneError(
          'bad-params',
          `layer "${path}" is a ${type}; it has no kernels`,
          `Name a Conv2d or a Linear, such as "${first ?? ''}".`,
        );
      const weight = network.parameter(`${path}.weight`).value;
      const bias = hasBias(network, path) ? (network.parameter(`${path}.bias`).value as tf.Tensor1D) : null;
      const stages = { weight, ...(bias && { bias }) };
      if (type === 'Conv2d') return { ...stages, attribution: stretched(weight as tf.Tensor4D) };
      if (path !== first || weight.shape[1] !== 2 || !isPlane(network)) return { ...stages, attribution: weight };
      const drawn = lines(weight as tf.Tensor2D, bias ?? tf.zeros([weight.shape[0]!]));
      const extent = extentOf(x);
      return {
        ...stages,
        extent,
        region: region(network, extent, params.raster, rows),
        lines: drawn,
        attribution: drawn,
      };
    },
  };
}

export const parameters = parametersFrom({});

function hasBias(network: Network, path: string): boolean {
  const module = network.description.modules[network.module(path).path]!;
  return 'attributes' in module && module.attributes['bias'] === true;
}

/** Whether the network's input is a point of the plane. */
function isPlane({ description }: Network): boolean {
  return description.input.shape.reduce((product, size) => product * size) === 2;
}

/** Half the side of the square around the points, with a margin; 1 if all are at the origin. [1] */
function extentOf(points: tf.Tensor4D): tf.Tensor {
  const furthest = tf.reshape(tf.max(tf.abs(points)), [1]);
  return tf.where(tf.equal(furthest, 0), tf.onesLike(furthest), tf.mul(furthest, constant([1.1], [])));
}

/** The logits at the centres of the cells of [−extent, extent]², as maps of one image: [1,side,side,classes]. */
function region(network: Network, extent: tf.Tensor, side: number, rows: ParametersSteps['rows']): tf.Tensor4D {
  const centres = Array.from({ length: side }, (_, i) => (2 * i + 1) / side - 1);
  const points = rows(centres).flatMap((y) => centres.flatMap((x) => [x, y]));
  const raster = fromHost({
    shape: [side * side, ...network.description.input.shape],
    data: Float64Array.from(points),
  });
  const logits = asLogits(network.call(Variable.leaf(tf.mul(raster, extent))).value);
  return tf.reshape(logits, [1, side, side, logits.shape[1]]);
}
