import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import {
  adam,
  constant,
  drawUniform,
  fromHost,
  grad,
  resizeBicubic,
  toHost,
  Variable,
  type Network,
} from '@touchstone/network';
import { z } from 'zod';
import { blurred } from '../steps/blur.js';
import { iterate } from '../core/iterate.js';
import { outputUpTo } from '../core/layer.js';
import { declaresNothing, type Method } from '../core/method.js';
import { pixel } from '../steps/pixels.js';

const Params = z.strictObject({
  layer: z.string().describe('module path of a layer that gives maps'),
  filter: z.number().int().min(0).default(0).describe('which of its maps'),
  size: z.number().int().min(1).max(1024).default(56).describe('side of the first image'),
  octaves: z.number().int().min(1).max(20).default(12).describe('sizes; between two of them the image is enlarged'),
  steps: z.number().int().min(1).max(10_000).default(20).describe('for each size'),
  scale: z.number().min(1).max(4).default(1.2).describe('from one size to the next'),
  rate: z.number().positive().default(0.1).describe('of Adam'),
  decay: z.number().min(0).default(1e-6).describe('weight decay of Adam'),
  sigma: z
    .number()
    .positive()
    .max(20)
    .nullable()
    .default(null)
    .describe('of a Gaussian blur after each enlargement, in pixels; null: none'),
  seed: z.number().int().min(0).default(0).describe('of the start, where none is stored'),
  compare: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('how many of the first steps are stages; none of a second size'),
});
type Params = z.infer<typeof Params>;

/** The steps of the formula, NHWC; a mutant replaces one. */
export interface FilterSteps {
  readonly adam: typeof adam;
  readonly enlarge: (x: tf.Tensor4D, size: readonly [number, number]) => tf.Tensor4D;
}

export function filterVisualizationFrom(changed: Partial<FilterSteps>): Method<Params> {
  const { adam: adamStep, enlarge } = { adam, enlarge: resizeBicubic, ...changed };
  return {
    id: 'filter-visualization',
    title:
      'Filter visualisation: the image that excites one filter most, climbed to from noise and enlarged on the way',
    source:
      'Graetz 2019, "How to visualize convolutional features in 40 lines of code"; Kingma & Ba 2015, algorithm 1, as torch.optim.Adam',
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
    run: async ({ network, x, params, fixtures, control }) => {
      const start = fixtures['start']
        ? storedStart(fixtures['start'], network)
        : drawnStart(network.description, x.shape[0], params);
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
          text: async ({ image, activation }) =>
            `${image.shape[1]}×${image.shape[2]}, mean activation ${[...(await activation.data())].map((mean) => Number(mean.toPrecision(4))).join(', ')}`,
        },
        control,
      );
      const last = images[`image-${compared}`]!;
      return { ...first, ...images, enlarged: enlarged(last, 1), attribution: state.image };
    },
    claims: async ({ network, x, params, fixtures, stages }) => {
      const start = fixtures['start']
        ? storedStart(fixtures['start'], network)
        : drawnStart(network.description, x.shape[0], params);
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

/** The filter's mean over its map, [N], and the gradient of −mean, [N,H,W,C]. */
function excitement(
  network: Network,
  image: tf.Tensor4D,
  params: Params,
): { activation: tf.Tensor1D; gradient: tf.Tensor4D } {
  const leaf = Variable.leaf(image, { requiresGrad: true });
  const { output, mean, seed } = filterMean(network, leaf, params);
  return { activation: mean, gradient: grad(output, seed, [leaf])[0] as tf.Tensor4D };
}

function filterMean(
  network: Network,
  image: Variable,
  { layer, filter }: Params,
): { output: Variable; mean: tf.Tensor1D; seed: tf.Tensor4D } {
  const output = outputUpTo(network, image, layer);
  const [n, h, w, k] = output.shape as [number, number, number, number];
  if (filter >= k)
    throw new TouchstoneError(
      'bad-params',
      `filter is ${filter}; layer "${layer}" has filters 0 to ${k - 1}`,
      'Set "filter" to one of them.',
    );
  const one = constant(
    Array.from({ length: k }, (_, i) => (i === filter ? 1 : 0)),
    [1, 1, 1, k],
  );
  const map = tf.sum(tf.mul(output.value, one), 3);
  const seed = tf.mul(tf.ones([n, h, w, 1]), tf.mul(one, constant([-1 / (h * w)], []))) as tf.Tensor4D;
  return { output, mean: tf.mean(map, [1, 2]), seed };
}

/** Each size is the whole part of `scale` times the one before. */
function sizeOf(start: tf.Tensor4D, octave: number, scale: number): [number, number] {
  let [h, w] = [start.shape[1], start.shape[2]];
  for (let i = 0; i < octave; i++) [h, w] = [Math.floor(h * scale), Math.floor(w * scale)];
  return [h, w];
}

function storedStart(start: HostTensor, { description }: Network): tf.Tensor4D {
  const channels = description.input.shape[0];
  if (start.shape.length !== 4 || start.shape[1] !== channels)
    throw new TouchstoneError('bad-params', `start has shape [${start.shape.join(',')}], expected [N,${channels},H,W]`);
  return fromHost(start) as tf.Tensor4D;
}

/** Pixels from 150 to 179, whole numbers, as the network takes them. */
function drawnStart(description: NetworkDescription, images: number, { size, seed }: Params): tf.Tensor4D {
  const shape = [images, description.input.shape[0], size, size];
  const pixels = drawUniform(
    seed,
    'filter-visualization start',
    shape.reduce((a, b) => a * b),
    165,
    15,
  ).map(Math.floor);
  const [black, white] = [pixel(description, 0), pixel(description, 255)];
  return tf.add(black, tf.mul(fromHost({ shape, data: pixels }), tf.div(tf.sub(white, black), constant([255], []))));
}
