import * as tf from '@tensorflow/tfjs-core';
import { constant, nchwShape, Variable } from '@touchstone/network';
import { z } from 'zod';
import { displayGradient, displayParameter, type Display } from '../steps/display.js';
import { declaresNothing, type Method } from '../core/method.js';
import { Reduce, reduceChannels } from '../steps/reduce.js';
import { asOutput, resolveTarget } from '../core/target.js';
import { averageGradient } from './average-gradient.js';
import { maxSamples, noiseSource, type NoiseSource } from './noise.js';
import { RunningMean } from './running-mean.js';
import { samplesPerPass } from './samples-per-pass.js';

const Average = z.enum(['mean-then-abs', 'abs-then-mean', 'mean-of-squares', 'variance']);
type Average = z.infer<typeof Average>;

const Params = z.strictObject({
  samples: z.number().int().min(1).max(maxSamples).default(50),
  fraction: z.number().min(0).max(100).default(0.15).describe('σ as a share of max x − min x'),
  average: Average.default('mean-then-abs').describe('or abs-then-mean, mean-of-squares, variance'),
  reduce: Reduce.default('abs-max'),
  display: displayParameter,
  batch: z
    .union([z.literal('auto'), z.number().int().min(1)])
    .default('auto')
    .describe('samples per pass, auto: by the backend; never changes the answer'),
  seed: z.number().int().min(0).default(0).describe('of the noise, if none is stored'),
});
type Params = z.infer<typeof Params>;

/** The steps of the formula, NHWC; a mutant replaces one. */
export interface SmoothGradSteps {
  /** σ [N] of each image */
  readonly sigma: (x: tf.Tensor4D, fraction: number) => tf.Tensor1D;
  /** ε of the samples, from the stored or drawn numbers. */
  readonly noise: (noise: NoiseSource, samples: number) => NoiseSource;
  /** A noisy copy of x, from x and σ·ε. */
  readonly noisy: (x: tf.Tensor4D, noise: tf.Tensor4D) => tf.Tensor4D;
  /** The function of a sample's gradient that is summed over the samples, [N,H,W,C]. */
  readonly measure: Readonly<Record<Average, (g: tf.Tensor) => tf.Tensor>>;
  /** What becomes of the mean, or of the variance, over the samples. */
  readonly finish: (mean: tf.Tensor4D, params: Pick<Params, 'average' | 'samples'>) => tf.Tensor4D;
  readonly display: Display;
}

const identity = (g: tf.Tensor): tf.Tensor => g;
export const steps: SmoothGradSteps = {
  sigma: (x, fraction) => tf.mul(constant([fraction], []), tf.sub(tf.max(x, [1, 2, 3]), tf.min(x, [1, 2, 3]))),
  noise: (noise) => noise,
  noisy: (x, noise) => tf.add(x, noise),
  measure: { 'mean-then-abs': identity, 'abs-then-mean': tf.abs, 'mean-of-squares': tf.square, variance: identity },
  finish: (mean) => mean,
  display: displayGradient,
};

export function smoothGradFrom(changed: Partial<SmoothGradSteps>): Method<Params> {
  const formula = { ...steps, ...changed };
  return {
    id: 'smooth-grad',
    title: 'SmoothGrad: the average gradient of noisy copies of the image',
    source:
      'Smilkov et al. 2017, section 2; mean of squares: SmoothGrad² (Hooker et al. 2019); ' +
      'variance: VarGrad (Adebayo et al. 2018)',
    parallelOver: 'samples',
    image: 'gradient',
    params: Params,
    fixtures: ['noise'],
    stages: {
      logits: '[N,classes]',
      sigma: '[N]',
      average: '[N,C,H,W]',
      display: '[N,C,H,W], where asked for',
      attribution: '[N,1,H,W], or [N,C,H,W] where `reduce` is `none`',
    },
    declares: {
      ...declaresNothing,
      perImage: true,
      linearInTarget: ['average'],
      channelFree: ['logits', 'sigma', 'average', 'attribution'],
      brief: { samples: 3, fraction: 0.25 },
    },
    run: async (job) => {
      const { network, x, params, fixtures } = job;
      const sigma = formula.sigma(x, params.fraction);
      const noise = formula.noise(noiseSource(x.shape, params, fixtures['noise']), params.samples);
      const logits = asOutput(network.call(Variable.leaf(x)).value);
      const batch =
        params.batch === 'auto' ? samplesPerPass(network.description, nchwShape(x.shape), job.passBytes) : params.batch;
      const mean = new RunningMean(formula.measure[params.average], params.average === 'variance');
      const target = await resolveTarget(job.target, () => logits);
      const averaged = await averageGradient(job, {
        target,
        sigma,
        noise,
        noisy: formula.noisy,
        mean,
        samples: params.samples,
        batch,
      });
      const average = formula.finish(averaged, params);
      const display = params.display ? { display: formula.display(average) } : {};
      return { logits, sigma, average, ...display, attribution: reduceChannels(average, params.reduce) };
    },
  };
}

export const smoothGrad = smoothGradFrom({});
