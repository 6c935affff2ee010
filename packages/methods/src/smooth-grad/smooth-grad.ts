import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor, type Target } from '@touchstone/contract';
import { constant, fromHost, Variable, type Network } from '@touchstone/network';
import { z } from 'zod';
import { inputGradient } from '../input-gradient.js';
import type { Method } from '../method.js';
import { Reduce, reduceChannels } from '../reduce.js';
import { asLogits } from '../target.js';

const Average = z.enum(['mean-then-abs', 'abs-then-mean', 'mean-of-squares', 'variance']);
type Average = z.infer<typeof Average>;

const mostSamples = 10_000;

const Params = z.strictObject({
  samples: z.number().int().min(1).max(mostSamples).default(50),
  fraction: z.number().min(0).max(100).default(0.15).describe('σ as a share of max x − min x'),
  average: Average.default('mean-then-abs'),
  reduce: Reduce.default('abs-max'),
  batch: z.union([z.literal('auto'), z.number().int().min(1)]).default('auto').describe('samples per pass; never changes the answer'),
  seed: z.number().int().min(0).default(0).describe('of the noise, where none is stored'),
});
type Params = z.infer<typeof Params>;

/** The steps of the formula, NHWC; a mutant replaces one. */
export interface SmoothGradSteps {
  /** σ [N] of each picture */
  readonly sigma: (x: tf.Tensor4D, fraction: number) => tf.Tensor1D;
  /** What is summed over the samples, of the gradients of one sample, [N,H,W,C]. */
  readonly measure: Readonly<Record<Average, (g: tf.Tensor) => tf.Tensor>>;
}

const identity = (g: tf.Tensor): tf.Tensor => g;
export const steps: SmoothGradSteps = {
  sigma: (x, fraction) => tf.mul(constant([fraction], []), tf.sub(tf.max(x, [1, 2, 3]), tf.min(x, [1, 2, 3]))),
  measure: { 'mean-then-abs': identity, 'abs-then-mean': tf.abs, 'mean-of-squares': tf.square, variance: identity },
};

export function smoothGradFrom(changed: Partial<SmoothGradSteps>): Method<Params> {
  const formula = { ...steps, ...changed };
  return {
    id: 'smooth-grad',
    title: 'SmoothGrad: the average gradient of noisy copies of the picture',
    source: 'Smilkov et al. 2017, section 2; mean of squares: SmoothGrad² (Hooker et al. 2019); variance: VarGrad (Adebayo et al. 2018)',
    picture: 'gradient',
    params: Params,
    fixtures: ['noise'],
    run: async ({ network, x, target, params, fixtures }) => {
      const sigma = formula.sigma(x, params.fraction);
      const noise = noiseSource(x.shape, params, fixtures['noise']);
      const average = averageGradient(network, x, target, params, { sigma, noise, measure: formula.measure[params.average] });
      const logits = asLogits(network.call(Variable.leaf(x)).value);
      return { logits, sigma, average, attribution: reduceChannels(average, params.reduce) };
    },
  };
}

export const smoothGrad = smoothGradFrom({});

/** ε of sample i, [N,H,W,C]. */
type NoiseSource = (sample: number) => tf.Tensor4D;

function noiseSource([n, h, w, c]: tf.Tensor4D['shape'], { samples, seed }: Params, stored: HostTensor | undefined): NoiseSource {
  // TF.js takes seed 0 for none.
  if (!stored) return (sample) => tf.randomNormal([n, h, w, c], 0, 1, 'float32', seed * mostSamples + sample + 1);
  if (stored.shape.join() !== [samples, n, c, h, w].join()) {
    throw new TouchstoneError('bad-params', `noise has shape [${stored.shape.join(',')}], expected [samples,N,C,H,W] = [${[samples, n, c, h, w].join(',')}]`, 'Set "samples" to the number that is stored.');
  }
  const size = n * c * h * w;
  return (sample) => fromHost({ shape: [n, c, h, w], data: stored.data.subarray(sample * size, (sample + 1) * size) }) as tf.Tensor4D;
}

/**
 * The mean over samples of the measured gradients, [N,H,W,C]; memory follows the batch, not the number of samples.
 * The variance is taken around the first sample's gradient, which keeps its digits where the gradients hardly vary.
 */
function averageGradient(
  network: Network,
  x: tf.Tensor4D,
  target: Target,
  { samples, average, batch }: Params,
  { sigma, noise, measure }: { sigma: tf.Tensor1D; noise: NoiseSource; measure: (g: tf.Tensor) => tf.Tensor },
): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  const perPass = batch === 'auto' ? automaticBatch(n * h * w * c) : batch;
  const scale = tf.reshape(sigma, [n, 1, 1, 1]);
  let origin: tf.Tensor | null = null;
  let sum: tf.Tensor | null = null;
  let squares: tf.Tensor | null = null;
  for (let first = 0; first < samples; first += perPass) {
    const count = Math.min(perPass, samples - first);
    const gradients = tf.tidy(() => {
      const noisy = Array.from({ length: count }, (_, i) => tf.add<tf.Tensor4D>(x, tf.mul(scale, noise(first + i))));
      const { gradient } = inputGradient(network, tf.concat4d(noisy, 0), repeated(target, count));
      return tf.reshape<tf.Rank.R5>(gradient, [count, n, h, w, c]);
    });
    if (average === 'variance' && !origin) origin = tf.tidy(() => tf.reshape(tf.slice(gradients, 0, 1), [n, h, w, c]).clone());
    const [total, square] = tf.tidy(() => {
      const g = measure(origin ? tf.sub(gradients, origin) : gradients);
      return [tf.sum(g, 0), origin ? tf.sum(tf.square(g), 0) : tf.zeros([])];
    }) as [tf.Tensor, tf.Tensor];
    gradients.dispose();
    sum = plus(sum, total);
    squares = plus(squares, square);
  }
  return tf.tidy(() => {
    const mean = tf.div(sum!, constant([samples], []));
    if (!origin) return mean as tf.Tensor4D;
    return tf.sub(tf.div(squares!, constant([samples], [])), tf.square(mean)) as tf.Tensor4D;
  });
}

function plus(sum: tf.Tensor | null, more: tf.Tensor): tf.Tensor {
  if (!sum) return more;
  const total = tf.add(sum, more);
  tf.dispose([sum, more]);
  return total;
}

/** One class per picture becomes one per picture and sample. */
function repeated(target: Target, times: number): Target {
  if (!('class' in target) || !Array.isArray(target.class)) return target;
  const classes = target.class;
  return { class: Array.from({ length: times }, () => classes).flat() };
}

/** As many samples as keep one pass's input near half a million numbers. */
function automaticBatch(numbersPerSample: number): number {
  return Math.min(32, Math.max(1, Math.floor(500_000 / numbersPerSample)));
}
