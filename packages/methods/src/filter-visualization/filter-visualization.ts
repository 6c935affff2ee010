import * as tf from '@tensorflow/tfjs-core';
import { adam, fromHost, resizeBicubic, toHost, Variable } from '@touchstone/network';
import { z } from 'zod';
import { blurred } from '../steps/blur.js';
import { iterate } from '../core/iterate.js';
import { declaresNothing, type Method, type MethodJob } from '../core/method.js';
import { excitement, filterMean } from './excitement.js';
import { startOf } from './start.js';

const Params = z.strictObject({
  layer: z.string().describe('module path of a layer with maps'),
  filter: z.number().int().min(0).default(0).describe('index of its map'),
  size: z.number().int().min(1).max(1024).default(56).describe('side of the first image'),
  octaves: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(12)
    .describe('number of sizes; the image is enlarged between two of them'),
  steps: z.number().int().min(1).max(10_000).default(20).describe('steps for each size'),
  scale: z.number().min(1).max(4).default(1.2).describe('factor from one size to the next'),
  rate: z.number().positive().default(0.1).describe('learning rate of Adam'),
  decay: z.number().min(0).default(1e-6).describe('weight decay of Adam'),
  sigma: z
    .number()
    .positive()
    .max(20)
    .nullable()
    .default(null)
    .describe('standard deviation of a blur after each enlargement, in pixels; null: none'),
  seed: z.number().int().min(0).max(0xffffffff).default(0).describe('of the start, if none is stored'),
  compare: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('number of first steps that are stages; only of the first size'),
});
type Params = z.infer<typeof Params>;

/** The steps of the formula, NHWC; a mutant replaces one. */
export interface FilterSteps {
  readonly adam: typeof adam;
  readonly enlarge: (x: tf.Tensor4D, size: readonly [number, number]) => tf.Tensor4D;
}

export function filterVisualizationFrom(changed: Partial<FilterSteps>): Method<Params> {
  return {
    id: 'filter-visualization',
    title: 'Filter visualisation: the image that excites one filter most, by gradient ascent, enlarged on the way',
    source:
      'Graetz 2019, "How to visualize convolutional features in 40 lines of code"; ' +
      'Kingma & Ba 2015, algorithm 1, as torch.optim.Adam',
    without: ['image', 'target'],
    iterated: true,
    image: 'pixels',
    params: Params,
    fixtures: ['start'],
    stages: {
      activation: '[N]',
      gradient: '[N,C,H,W]',
      'image-1 …': '[N,C,H,W]',
      enlarged: '[N,C,H,W]',
      attribution: '[N,C,H,W], a postcondition',
    },
    declares: {
      ...declaresNothing,
      perImage: true,
      brief: { steps: 2, compare: 2, octaves: 1, size: 7 },
    },
    run: async (job) => {
      const start = startOf(job.fixtures, job.network, job.x.shape[0], job.params);
      return ascend({ ...job, start, formula: { adam, enlarge: resizeBicubic, ...changed } });
    },
    postconditions: async ({ network, x, params, fixtures, stages }) => {
      const start = startOf(fixtures, network, x.shape[0], params);
      const meanOf = async (image: tf.Tensor4D) =>
        (await toHost(filterMean(network, Variable.leaf(image), params).mean)).data;
      const [before, after] = [await meanOf(start), await meanOf(fromHost(stages['attribution']!) as tf.Tensor4D)];
      return [
        {
          name: 'rising',
          holds: after.every((mean, i) => mean > before[i]!),
          text: `the filter's mean activation goes from ${[...before].join(', ')} to ${[...after].join(', ')}`,
        },
      ];
    },
  };
}

export const filterVisualization = filterVisualizationFrom({});

interface Ascent extends Pick<MethodJob<Params>, 'network' | 'params' | 'control'> {
  readonly start: tf.Tensor4D;
  readonly formula: FilterSteps;
}

/** All stages: the first step's, the first images, the last of them enlarged, and the last. */
async function ascend({ network, params, start, formula: { adam: adamStep, enlarge }, control }: Ascent) {
  const compared = Math.min(params.compare, params.steps);
  const { rate, decay } = params;
  const excite = (image: tf.Tensor4D) => excitement(network, image, params);
  const enlarged = (image: tf.Tensor4D, octave: number) => {
    const larger = enlarge(image, sizeOf(start, octave, params.scale));
    return params.sigma === null ? larger : blurred(larger, params.sigma);
  };
  const first = tf.tidy(() => excite(start));
  const images: Record<string, tf.Tensor4D> = {};
  const zeros = (like: tf.Tensor4D) => ({ mean: tf.zerosLike(like), square: tf.zerosLike(like) });
  const { state } = await iterate(
    {
      network,
      steps: params.octaves * params.steps,
      start: { image: start.clone(), ...zeros(start), activation: first.activation.clone() },
      step: (before, index) => {
        const [octave, number] = [Math.floor(index / params.steps), index % params.steps];
        const fresh = octave > 0 && number === 0;
        const image = fresh ? enlarged(before.image, octave) : before.image;
        const moments = fresh ? zeros(image) : before;
        const { activation, gradient } = excite(image);
        const adamState = { x: image, mean: moments.mean, square: moments.square };
        const { x: moved, mean, square } = adamStep(adamState, gradient, { rate, decay, step: number + 1 });
        return { image: moved, mean, square, activation };
      },
      compared,
      onCompared: ({ image }, number) => void (images[`image-${number}`] = image.clone()),
      image: 'image',
      text: async ({ image, activation }) => {
        const means = Array.from(await activation.data(), (mean) => Number(mean.toPrecision(4)));
        return `${image.shape[1]}×${image.shape[2]}, mean activation ${means.join(', ')}`;
      },
    },
    control,
  );
  const last = images[`image-${compared}`]!;
  return { ...first, ...images, enlarged: enlarged(last, 1), attribution: state.image };
}

/** Each size is the whole part of `scale` times the one before. */
function sizeOf(start: tf.Tensor4D, octave: number, scale: number): [number, number] {
  let [h, w] = [start.shape[1], start.shape[2]];
  for (let i = 0; i < octave; i++) [h, w] = [Math.floor(h * scale), Math.floor(w * scale)];
  return [h, w];
}
