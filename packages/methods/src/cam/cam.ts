import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Variable, type Network } from '@touchstone/network';
import { z } from 'zod';
import { lastLinear, lastMap } from '../core/layer.js';
import type { Method } from '../core/method.js';
import { asLogits, logitSeed, resolveTarget } from '../core/target.js';

/** How far the linear layer's input may be from the mean of A, relative to A's largest value; a wrong layer is off by about 1. */
const headTolerance = 1e-3;

export const cam: Method<{ layer: string | null; linear: string | null }> = {
  id: 'cam',
  title: 'CAM: feature maps weighted by the linear layer behind global average pooling',
  source: 'Zhou et al. 2016, section 2, equation 2',
  parallelOver: 'images',
  image: 'heatmap',
  params: z.strictObject({
    layer: z.string().nullable().default(null).describe('module path; null: the last leaf whose output still is a map'),
    linear: z.string().nullable().default(null).describe('module path; null: the last Linear'),
  }),
  fixtures: [],
  run: async ({ network, x, target, params }) => {
    if (target !== 'likeliest' && 'sum' in target)
      throw new TouchstoneError(
        'bad-input',
        'CAM explains a class or a weighted sum of classes, not the expectation of a head',
        'Use grad-cam, or a target with "class" or "weights".',
      );
    const layer = params.layer ?? lastMap(network, x);
    const linear = params.linear ?? linearHead(network);
    let A: tf.Tensor | null = null;
    let pooled: tf.Tensor | null = null;
    const [maps, head] = [network.module(layer), network.module(linear)];
    const handles = [
      maps.registerForwardHook((_module, _inputs, output) => void (A = output.value)),
      head.registerForwardPreHook((_module, [input]) => void (pooled = input!.value)),
    ];
    let logits: tf.Tensor2D;
    try {
      logits = asLogits(network.call(Variable.leaf(x)).value);
    } finally {
      for (const handle of handles) handle.remove();
    }
    const activations = await checkHead(A, pooled, layer, linear);
    const rows = network.parameter(`${linear}.weight`).value as tf.Tensor2D;
    if (rows.shape[0] !== logits.shape[1])
      throw unfitHead(`"${linear}" gives ${rows.shape[0]} of the network's ${logits.shape[1]} outputs`);
    const weights = tf.matMul(logitSeed(logits, await resolveTarget(target, () => logits)), rows);
    const [n, , , k] = activations.shape;
    return {
      logits,
      activations,
      weights,
      attribution: tf.sum(tf.mul(tf.reshape(weights, [n, 1, 1, k]), activations), 3, true),
    };
  },
};

function linearHead(network: Network): string {
  const last = lastLinear(network);
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

/** A, if what the linear layer is given is its global average. @throws `bad-params` */
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
