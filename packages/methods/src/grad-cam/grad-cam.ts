import * as tf from '@tensorflow/tfjs-core';
import { reluOf, resizeBilinear } from '@touchstone/network';
import { z } from 'zod';
import { mapParameters, toMaps, type MapForm, type ToMaps } from '../core/feature-maps.js';
import { lastMapOf, layerGradient } from '../core/layer.js';
import { declaresNothing, type Method } from '../core/method.js';
import { targetSeed, type Seed } from '../core/seed.js';
import { orOne } from '../steps/display.js';

/** The steps of the formula, NHWC; a mutant replaces one. */
export interface GradCamSteps {
  readonly seed: Seed;
  /** Which call of a layer that is called several times. */
  readonly call: 'first' | 'last';
  readonly toMaps: ToMaps;
  /** What is kept of the layer's output. */
  readonly keep: (A: tf.Tensor4D) => tf.Tensor4D;
  /** Equation 1: g [N,h,w,K] → α [N,K] */
  readonly pool: (g: tf.Tensor4D) => tf.Tensor2D;
  /** Equation 2 before its ReLU: Σ_k α_k A_k, [N,h,w,1] */
  readonly combine: (alpha: tf.Tensor2D, A: tf.Tensor4D) => tf.Tensor4D;
  readonly rectify: (map: tf.Tensor4D) => tf.Tensor4D;
  readonly normalise: (map: tf.Tensor4D) => tf.Tensor4D;
  readonly resize: (map: tf.Tensor4D, size: readonly [number, number]) => tf.Tensor4D;
}

const steps: GradCamSteps = {
  seed: targetSeed,
  call: 'last',
  toMaps,
  keep: (A) => A,
  // Axis by axis: WASM adds up in float32, and the shorter sums keep their digits.
  pool: (g) => tf.mean(tf.mean(g, 2), 1),
  combine: (alpha, A) => tf.sum(tf.mul(tf.reshape(alpha, [A.shape[0], 1, 1, A.shape[3]]), A), 3, true),
  rectify: reluOf,
  // Of each image; a map of zeros stays so.
  normalise: (map) => tf.div(map, orOne(tf.max(map, [1, 2, 3], true))),
  resize: resizeBilinear,
};

export function gradCamFrom(changed: Partial<GradCamSteps>): Method<MapForm & { readonly layer: string | null }> {
  const { seed, call, toMaps, keep, pool, combine, rectify, normalise, resize } = { ...steps, ...changed };
  return {
    id: 'grad-cam',
    title: 'Grad-CAM: feature maps of a layer, weighted by the mean of their gradients',
    source: 'Selvaraju et al. 2017, section 3, equations 1 and 2',
    parallelOver: 'images',
    image: 'heatmap',
    params: z.strictObject({
      layer: z
        .string()
        .nullable()
        .default(null)
        .describe('module path; null: the last leaf whose output still is a map'),
      ...mapParameters,
    }),
    defaultModules: { layer: lastMapOf },
    fixtures: [],
    stages: {
      logits: '[N,classes]',
      activations: '[N,K,h,w]',
      gradient: '[N,K,h,w]',
      weights: '[N,K]',
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
      const { logits, activations: A, gradient } = await layerGradient(job, params, seed, { call, toMaps });
      const activations = keep(A);
      const weights = pool(gradient);
      const map = rectify(combine(weights, activations));
      const normalised = normalise(map);
      return {
        logits,
        activations,
        gradient,
        weights,
        map,
        normalised,
        attribution: resize(normalised, [job.x.shape[1], job.x.shape[2]]),
      };
    },
  };
}

export const gradCam = gradCamFrom({});
