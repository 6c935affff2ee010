import * as tf from '@tensorflow/tfjs-core';
import { reluOf, resizeBilinear } from '@touchstone/network';
import { z } from 'zod';
import { mapParameters, toMaps, type ToMaps } from '../core/feature-maps.js';
import { lastMapOf, layerGradient } from '../core/layer.js';
import { declaresNothing, type Method } from '../core/method.js';
import { targetSeed, type Seed } from '../core/seed.js';
import { orOne } from '../steps/display.js';

const Params = z.strictObject({
  layer: z.string().nullable().default(null).describe('module path; null: the last leaf whose output still is a map'),
  ...mapParameters,
  relu: z.boolean().default(true).describe('keep only what speaks for the target; false: a signed map'),
});
type Params = z.infer<typeof Params>;

/** The steps of the formula, NHWC; a mutant replaces one. */
export interface HiresCamSteps {
  readonly seed: Seed;
  readonly toMaps: ToMaps;
  /** Σ_k g_k ⊙ A_k before the ReLU: [N,h,w,K] twice → [N,h,w,1] */
  readonly combine: (g: tf.Tensor4D, A: tf.Tensor4D) => tf.Tensor4D;
  readonly rectify: (map: tf.Tensor4D) => tf.Tensor4D;
  readonly normalise: (map: tf.Tensor4D) => tf.Tensor4D;
  readonly resize: (map: tf.Tensor4D, size: readonly [number, number]) => tf.Tensor4D;
}

const formula: HiresCamSteps = {
  seed: targetSeed,
  toMaps,
  combine: (g, A) => tf.sum(tf.mul(g, A), 3, true),
  rectify: reluOf,
  // By the largest magnitude of each image, which of a rectified map is its maximum; a map of zeros stays so.
  normalise: (map) => tf.div(map, orOne(tf.max(tf.abs(map), [1, 2, 3], true))),
  resize: resizeBilinear,
};

export function hiresCamFrom(changed: Partial<HiresCamSteps>): Method<Params> {
  const { seed, toMaps, combine, rectify, normalise, resize } = { ...formula, ...changed };
  return {
    id: 'hires-cam',
    title: 'HiResCAM: feature maps of a layer times their gradients, pixel by pixel',
    source:
      'Draelos & Carin 2020, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural ' +
      'networks" (arXiv:2011.08891), the definition of HiResCAM; ReLU as in pytorch-grad-cam',
    parallelOver: 'images',
    image: 'heatmap',
    params: Params,
    defaultModules: { layer: lastMapOf },
    fixtures: [],
    stages: {
      logits: '[N,classes]',
      activations: '[N,K,h,w]',
      gradient: '[N,K,h,w]',
      map: '[N,1,h,w]',
      normalised: '[N,1,h,w]',
      attribution: '[N,1,H,W]',
    },
    declares: {
      ...declaresNothing,
      perImage: true,
      linearInTarget: ['gradient'],
      channelFree: ['logits', 'map'],
      normalisedMap: true,
      extendsCam: true,
    },
    run: async ({ params, ...job }) => {
      const { logits, activations, gradient } = await layerGradient(job, params, seed, { call: 'last', toMaps });
      const signed = combine(gradient, activations);
      const map = params.relu ? rectify(signed) : signed;
      const normalised = normalise(map);
      const attribution = resize(normalised, [job.x.shape[1], job.x.shape[2]]);
      return { logits, activations, gradient, map, normalised, attribution };
    },
  };
}

export const hiresCam = hiresCamFrom({});
