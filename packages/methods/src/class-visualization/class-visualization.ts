import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor, type Target } from '@touchstone/contract';
import { constant, drawUniform, fromHost, Variable, type Network } from '@touchstone/network';
import { z } from 'zod';
import { blurred } from '../steps/blur.js';
import { inputGradient } from '../steps/input-gradient.js';
import { iterate } from '../core/iterate.js';
import { declaresNothing, type Method, type Postcondition } from '../core/method.js';
import { pixel } from '../steps/pixels.js';
import { asLogits, logitSeed, resolveByPass } from '../core/target.js';

const Params = z.strictObject({
  steps: z.number().int().min(1).max(10_000).default(100),
  rate: z.number().positive().default(25),
  decay: z.number().min(0).default(1e-3).describe('of ‖x‖² in the objective'),
  jitter: z.number().int().min(0).max(1000).default(16).describe('most pixels that the image is shifted by'),
  blurEvery: z.number().int().min(1).default(10).describe('steps'),
  sigma: z.number().positive().max(20).default(0.5).describe('of the blur, in pixels'),
  probability: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('what the class must score at the end, after softmax; judged only'),
  seed: z.number().int().min(0).default(0).describe('of the start and the jitter, where none are stored'),
  compare: z.number().int().min(1).max(20).default(3).describe('how many of the first steps are stages'),
});
type Params = z.infer<typeof Params>;

/** The steps of the formula, NHWC; a mutant replaces one. */
export interface ClassVisualizationSteps {
  /** Down and to the right by (oy, ox) pixels, what leaves coming in again on the other side. */
  readonly shift: (x: tf.Tensor4D, [oy, ox]: readonly [number, number]) => tf.Tensor4D;
  /** The gradient of −decay·‖x‖². */
  readonly shrink: (x: tf.Tensor4D, decay: number) => tf.Tensor4D;
  /** Each channel to the values that a pixel of [0,1] can have. */
  readonly clamp: (x: tf.Tensor4D, range: PixelRange) => tf.Tensor4D;
}

/** What black and white are to the network, [1,1,1,C]. */
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
  const { shift, shrink, clamp } = { ...formula, ...changed };
  return {
    id: 'class-visualization',
    title: 'Class visualisation: the image that the network finds most like a class, climbed to from noise',
    source:
      'Simonyan et al. 2013, section 2, equation 1; CS231n, assignment 3, "Network Visualization" (create_class_visualization)',
    without: ['image'],
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
    run: async ({ network, x, target: asked, params, fixtures, control }) => {
      const target = await resolveByPass(asked, network, x);
      const range = { low: pixel(network.description, 0), high: pixel(network.description, 255) };
      const offsets = fixtures['jitter'] ? storedOffsets(fixtures['jitter'], params) : drawnOffsets(params);
      const start = fixtures['start'] ? storedStart(fixtures['start'], x) : drawnStart(x.shape, params.seed);
      const climb = (image: tf.Tensor4D) => {
        const { logits, gradient } = inputGradient(network, image, target);
        return { logits, gradient: tf.add<tf.Tensor4D>(gradient, shrink(image, params.decay)) };
      };
      const first = tf.tidy(() => climb(shift(start, offsets(0))));
      const images: Record<string, tf.Tensor4D> = {};
      const { state } = await iterate(
        {
          network,
          steps: params.steps,
          start: { image: start, score: scores(first.logits, target) },
          step: ({ image }, index) => {
            const [oy, ox] = offsets(index);
            const shifted = shift(image, [oy, ox]);
            const { logits, gradient } = climb(shifted);
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
    },
    claims: async ({ network, x, target, params, fixtures, stages }) => {
      const start = fixtures['start'] ? storedStart(fixtures['start'], x) : drawnStart(x.shape, params.seed);
      return claimsOf(network, start, fromHost(stages['attribution']!) as tf.Tensor4D, target, params);
    },
  };
}

export const classVisualization = classVisualizationFrom({});

function rolled(x: tf.Tensor4D, axis: 1 | 2, by: number): tf.Tensor4D {
  const size = x.shape[axis];
  const shift = ((by % size) + size) % size;
  if (shift === 0) return x;
  const [first, rest] = tf.split(x, [size - shift, shift], axis) as [tf.Tensor4D, tf.Tensor4D];
  return tf.concat([rest, first], axis);
}

/** (oy, ox) of each step. */
type Offsets = (step: number) => readonly [number, number];

function storedOffsets({ shape, data }: HostTensor, { steps, jitter }: Params): Offsets {
  if (shape.length !== 2 || shape[0]! < steps || shape[1] !== 2) {
    throw new TouchstoneError(
      'bad-params',
      `jitter has shape [${shape.join(',')}], expected [steps,2] = [${steps},2]`,
      'Store (oy, ox) for every step.',
    );
  }
  if (data.some((value) => !Number.isInteger(value) || Math.abs(value) > jitter))
    throw new TouchstoneError(
      'bad-params',
      `jitter holds values that are no whole numbers from −${jitter} to ${jitter}`,
    );
  return (step) => [data[2 * step]!, data[2 * step + 1]!];
}

function drawnOffsets({ steps, jitter, seed }: Params): Offsets {
  const u = drawUniform(seed, 'class-visualization jitter', 2 * steps, 0, jitter + 0.5);
  return (step) => [Math.round(u[2 * step]!) + 0, Math.round(u[2 * step + 1]!) + 0];
}

function storedStart(start: HostTensor, x: tf.Tensor4D): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  if (start.shape.join() !== [n, c, h, w].join())
    throw new TouchstoneError(
      'bad-params',
      `start has shape [${start.shape.join(',')}], expected that of x, [${[n, c, h, w].join(',')}]`,
    );
  return fromHost(start) as tf.Tensor4D;
}

/** Uniform noise of standard deviation 1. */
function drawnStart([n, h, w, c]: readonly [number, number, number, number], seed: number): tf.Tensor4D {
  return fromHost({
    shape: [n, c, h, w],
    data: drawUniform(seed, 'class-visualization start', n * c * h * w, 0, Math.sqrt(3)),
  }) as tf.Tensor4D;
}

/** f of each image, [N]. */
function scores(logits: tf.Tensor2D, target: Target): tf.Tensor1D {
  if ('sum' in target)
    throw new TouchstoneError(
      'bad-params',
      'a class visualisation climbs a class, or a weighted sum of outputs',
      'Give a class or weights as target.',
    );
  return tf.sum(tf.mul(logits, logitSeed(logits, target)), 1);
}

async function claimsOf(
  network: Network,
  start: tf.Tensor4D,
  end: tf.Tensor4D,
  target: Target,
  { probability }: Params,
): Promise<Postcondition[]> {
  const logitsOf = (image: tf.Tensor4D) => asLogits(network.call(Variable.leaf(image)).value);
  const last = logitsOf(end);
  const [before, after] = [await scores(logitsOf(start), target).data(), await scores(last, target).data()];
  const [low, high] = [pixel(network.description, 0), pixel(network.description, 255)];
  const outside = (await tf.max(tf.maximum(tf.sub(low, end), tf.sub(end, high))).data())[0]!;
  const width = (await tf.max(tf.sub(high, low)).data())[0]!;
  const claims: Postcondition[] = [
    {
      name: 'rising',
      holds: after.every((score, i) => score > before[i]!),
      text: `the score goes from ${listed(before)} to ${listed(after)}`,
    },
    {
      name: 'pixels',
      holds: outside <= 1e-6 * width,
      text: `values leave the range of pixels by ${short(Math.max(outside, 0))}`,
    },
  ];
  if (probability > 0) {
    const likely = await scores(tf.softmax(last), target).data();
    claims.push({
      name: 'probability',
      holds: likely.every((p) => p > probability),
      text: `the class scores ${listed(likely)} after softmax; wanted is more than ${probability}`,
    });
  }
  return claims;
}

function listed(values: ArrayLike<number>): string {
  return Array.from(values, short).join(', ');
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
