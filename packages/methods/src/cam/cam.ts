import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type NetworkDescription } from '@touchstone/contract';
import { Variable, type Network } from '@touchstone/network';
import { z } from 'zod';
import { asIs } from '../core/feature-maps.js';
import { lastLinear, lastMap, lastMapOf } from '../core/layer.js';
import { declaresNothing, type Method } from '../core/method.js';
import { targetSeed, type Seed } from '../core/seed.js';
import { asLogits, notLinear, resolveTarget } from '../core/target.js';

/**
 * Allowed distance of the linear layer's input from the mean of A, relative to A's largest value; a wrong layer is off
 * by about 1.
 */
const headTolerance = 1e-3;

const Params = z.strictObject({
  layer: z.string().nullable().default(null).describe('module path; null: the last leaf whose output still is a map'),
  linear: z.string().nullable().default(null).describe('module path; null: the last Linear'),
});
type Params = z.infer<typeof Params>;

/** The steps of the formula, NHWC; a mutant replaces one. */
export interface CamSteps {
  readonly seed: Seed;
  /** Rows of the target [N,classes] and of the Linear [classes,K] → w [N,K] */
  readonly weigh: (target: tf.Tensor2D, rows: tf.Tensor2D) => tf.Tensor2D;
  /** Σ_k w_k A_k, [N,h,w,1] */
  readonly combine: (weights: tf.Tensor2D, A: tf.Tensor4D) => tf.Tensor4D;
}

const formula: CamSteps = {
  seed: targetSeed,
  weigh: (target, rows) => tf.matMul(target, rows),
  combine: (weights, A) => tf.sum(tf.mul(tf.reshape(weights, [A.shape[0], 1, 1, A.shape[3]]), A), 3, true),
};

export function camFrom(changed: Partial<CamSteps>): Method<Params> {
  const { seed, weigh, combine } = { ...formula, ...changed };
  return {
    id: 'cam',
    title: 'CAM: feature maps weighted by the linear layer behind global average pooling',
    source: 'Zhou et al. 2016, section 2, equation 2',
    parallelOver: 'images',
    image: 'heatmap',
    params: Params,
    defaultModules: { layer: lastMapOf, linear: linearHead },
    fixtures: [],
    stages: { logits: '[N,classes]', activations: '[N,K,h,w]', weights: '[N,K]', attribution: '[N,1,h,w]' },
    declares: {
      ...declaresNothing,
      perImage: true,
      networks: 'average-pooled',
      targets: 'linear',
      linearInTarget: ['weights'],
    },
    run: async ({ network, x, target, params }) => {
      const other = notLinear(target);
      if (other !== undefined)
        throw new TouchstoneError(
          'bad-input',
          `CAM explains a class or a weighted sum of classes, not ${other}`,
          'Use grad-cam, or a target with "class" or "weights" alone.',
        );
      const layer = params.layer ?? lastMap(network, x, asIs);
      const linear = params.linear ?? linearHead(network.description);
      const { logits, A, pooled } = forward(network, x, layer, linear);
      const activations = await checkHead(A, pooled, layer, linear);
      const rows = network.parameter(`${linear}.weight`).value as tf.Tensor2D;
      if (rows.shape[0] !== logits.shape[1])
        throw unfitHead(`"${linear}" gives ${rows.shape[0]} of the network's ${logits.shape[1]} outputs`);
      const wanted = seed(logits, await resolveTarget(target, () => logits), network.description.heads) as tf.Tensor2D;
      const weights = weigh(wanted, rows);
      return { logits, activations, weights, attribution: combine(weights, activations) };
    },
  };
}

export const cam = camFrom({});

/** The logits, the output of `layer` and the input of `linear`; null where one is never called. */
function forward(
  network: Network,
  x: tf.Tensor4D,
  layer: string,
  linear: string,
): { logits: tf.Tensor2D; A: tf.Tensor | null; pooled: tf.Tensor | null } {
  let A: tf.Tensor | null = null;
  let pooled: tf.Tensor | null = null;
  const [maps, head] = [network.module(layer), network.module(linear)];
  const handles = [
    maps.registerForwardHook((_module, _inputs, output) => void (A = output.value)),
    head.registerForwardPreHook((_module, [input]) => void (pooled = input!.value)),
  ];
  try {
    return { logits: asLogits(network.call(Variable.leaf(x)).value), A, pooled };
  } finally {
    for (const handle of handles) handle.remove();
  }
}

function linearHead(description: NetworkDescription): string {
  const last = lastLinear(description);
  if (last === undefined)
    throw new TouchstoneError('bad-params', 'CAM needs a linear layer; the network has none', 'Use grad-cam.');
  return last;
}

function unfitHead(why: string): TouchstoneError {
  return new TouchstoneError(
    'bad-params',
    `CAM needs a network whose head is global average pooling and one linear layer: ${why}`,
    'Name "layer" and "linear", or use grad-cam.',
  );
}

/** A, if its global average is the linear layer's input. @throws `bad-params` otherwise */
async function checkHead(
  A: tf.Tensor | null,
  pooled: tf.Tensor | null,
  layer: string,
  linear: string,
): Promise<tf.Tensor4D> {
  if (!A) throw unfitHead(`layer "${layer}" is never called`);
  if (!pooled) throw unfitHead(`linear layer "${linear}" is never called`);
  if (A.rank !== 4) throw unfitHead(`layer "${layer}" gives ${A.rank} dimensions`);
  const mean = tf.mean(A, [1, 2]);
  if (mean.shape.join() !== pooled.shape.join())
    throw unfitHead(
      `"${linear}" is given [${pooled.shape.join(',')}], the means of "${layer}" are [${mean.shape.join(',')}]`,
    );
  const [distance, size] = await Promise.all([tf.max(tf.abs(tf.sub(mean, pooled))).data(), tf.max(tf.abs(A)).data()]);
  if (distance[0]! > headTolerance * size[0]!)
    throw unfitHead(`the input of "${linear}" is not the mean of "${layer}"`);
  return A as tf.Tensor4D;
}
