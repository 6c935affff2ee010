import * as tf from '@tensorflow/tfjs-core';
import type { Target } from '@touchstone/contract';
import { constant, fromHost } from '@touchstone/network';
import { z } from 'zod';
import { blurred } from '../steps/blur.js';
import { inputGradient } from '../steps/input-gradient.js';
import { iterate } from '../core/iterate.js';
import { declaresNothing, type Method, type MethodJob } from '../core/method.js';
import { pixel } from '../steps/pixels.js';
import { resolveByPass } from '../core/target.js';
import { listed, postconditionsOf, scores } from './postconditions.js';
import { offsetsOf, startOf, type Offsets } from './start.js';

const Params = z.strictObject({
  steps: z.number().int().min(1).max(10_000).default(100),
  rate: z.number().positive().default(25),
  decay: z.number().min(0).default(1e-3).describe('weight of ‖x‖² in the objective'),
  jitter: z.number().int().min(0).max(1000).default(16).describe('largest shift of the image, in pixels'),
  blurEvery: z.number().int().min(1).default(10).describe('steps from one blur to the next'),
  sigma: z.number().positive().max(20).default(0.5).describe('standard deviation of the blur, in pixels'),
  probability: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('least softmax probability of the class at the end; only judged'),
  seed: z.number().int().min(0).max(0xffffffff).default(0).describe('of the start and the jitter, if none are stored'),
  compare: z.number().int().min(1).max(20).default(3).describe('number of first steps that are stages'),
});
type Params = z.infer<typeof Params>;

/** The steps of the formula, NHWC; a mutant replaces one. */
export interface ClassVisualizationSteps {
  /** Down and to the right by (oy, ox) pixels; pixels that leave re-enter on the other side. */
  readonly shift: (x: tf.Tensor4D, [oy, ox]: readonly [number, number]) => tf.Tensor4D;
  /** The gradient of −decay·‖x‖². */
  readonly shrink: (x: tf.Tensor4D, decay: number) => tf.Tensor4D;
  /** Clamps each channel to the values of pixels in [0,1]. */
  readonly clamp: (x: tf.Tensor4D, range: PixelRange) => tf.Tensor4D;
}

/** Black and white as inputs of the network, [1,1,1,C]. */
export interface PixelRange {
  readonly low: tf.Tensor4D;
  readonly high: tf.Tensor4D;
}

const formula: ClassVisualizationSteps = {
  shift: (x, [oy, ox]) => rolled(rolled(x, 2, ox), 1, oy),
  shrink: (x, decay) => tf.mul(x, constant([-2 * decay], [])),
  clamp: (x, { low, high }) => tf.minimum(tf.maximum(x, low), high),
};

export function classVisualizationFrom(changed: Partial<ClassVisualizationSteps>): Method<Params> {
  return {
    id: 'class-visualization',
    title: 'Class visualisation: the image that the network finds most like a class, by gradient ascent from noise',
    source:
      'Simonyan et al. 2013, section 2, equation 1; ' +
      'CS231n, assignment 3, "Network Visualization" (create_class_visualization)',
    without: ['image'],
    makesImage: true,
    iterated: true,
    image: 'pixels',
    params: Params,
    fixtures: ['start', 'jitter'],
    stages: {
      logits: '[N,classes]',
      gradient: '[N,C,H,W]',
      'image-1 …': '[N,C,H,W]',
      attribution: '[N,C,H,W], a postcondition',
    },
    declares: {
      ...declaresNothing,
      perImage: true,
      targets: 'linear',
      brief: { steps: 2, compare: 2, rate: 1, jitter: 2 },
    },
    run: async (job) => {
      const target = await resolveByPass(job.target, job.network, job.x);
      const offsets = offsetsOf(job.fixtures, job.params);
      const start = startOf(job.fixtures, job.x, job.params.seed);
      return ascend({ ...job, target, offsets, start, formula: { ...formula, ...changed } });
    },
    postconditions: async ({ network, x, target, params, fixtures, stages }) => {
      const start = startOf(fixtures, x, params.seed);
      return postconditionsOf(network, start, fromHost(stages['attribution']!) as tf.Tensor4D, target, params);
    },
  };
}

export const classVisualization = classVisualizationFrom({});

interface Ascent extends Pick<MethodJob<Params>, 'network' | 'params' | 'control'> {
  readonly target: Target;
  readonly offsets: Offsets;
  readonly start: tf.Tensor4D;
  readonly formula: ClassVisualizationSteps;
}

/** All stages: the first step's, the first images and the last. */
async function ascend({ network, target, params, offsets, start, formula, control }: Ascent) {
  const { shift, shrink, clamp } = formula;
  const range = { low: pixel(network.description, 0), high: pixel(network.description, 255) };
  const uphill = (image: tf.Tensor4D) => {
    const { logits, gradient } = inputGradient(network, image, target);
    return { logits, gradient: tf.add<tf.Tensor4D>(gradient, shrink(image, params.decay)) };
  };
  const first = tf.tidy(() => uphill(shift(start, offsets(0))));
  const images: Record<string, tf.Tensor4D> = {};
  const { state } = await iterate(
    {
      network,
      steps: params.steps,
      start: { image: start, score: scores(first.logits, target) },
      step: ({ image }, index) => {
        const [oy, ox] = offsets(index);
        const shifted = shift(image, [oy, ox]);
        const { logits, gradient } = uphill(shifted);
        const moved = tf.add<tf.Tensor4D>(shifted, tf.mul(gradient, constant([params.rate], [])));
        const inside = clamp(shift(moved, [-oy, -ox]), range);
        return {
          image: index % params.blurEvery === 0 ? blurred(inside, params.sigma) : inside,
          score: scores(logits, target),
        };
      },
      compared: params.compare,
      onCompared: ({ image }, number) => void (images[`image-${number}`] = image.clone()),
      image: 'image',
      text: async ({ score }) => `score ${listed(await score.data())}`,
    },
    control,
  );
  return { ...first, ...images, attribution: state.image };
}

function rolled(x: tf.Tensor4D, axis: 1 | 2, by: number): tf.Tensor4D {
  const size = x.shape[axis];
  const shift = ((by % size) + size) % size;
  if (shift === 0) return x;
  const [first, rest] = tf.split(x, [size - shift, shift], axis) as [tf.Tensor4D, tf.Tensor4D];
  return tf.concat([rest, first], axis);
}
