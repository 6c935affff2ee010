import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Variable, type Network } from '@touchstone/network';
import { z } from 'zod';
import { lastMap } from '../layer.js';
import type { Method } from '../method.js';
import { asLogits, logitSeed } from '../target.js';

/** How far the linear layer's input may be from the mean of A, relative to A's largest value; a wrong layer is off by about 1. */
const headTolerance = 1e-3;

export const cam: Method<{ layer: string | null; linear: string | null }> = {
  id: 'cam',
  title: 'CAM: feature maps weighted by the linear layer behind global average pooling',
  source: 'Zhou et al. 2016, section 2, equation 2',
  picture: 'heatmap',
  params: z.strictObject({
    layer: z.string().nullable().default(null).describe('module path; null: the last leaf whose output still is a map'),
    linear: z.string().nullable().default(null).describe('module path; null: the last Linear'),
  }),
  fixtures: [],
  run: async ({ network, x, target, params }) => {
    const layer = params.layer ?? lastMap(network, x);
    const linear = params.linear ?? lastLinear(network);
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
    const weights = tf.matMul(logitSeed(logits, target), network.parameter(`${linear}.weight`).value as tf.Tensor2D);
    const [n, , , k] = activations.shape;
    return { logits, activations, weights, attribution: tf.sum(tf.mul(tf.reshape(weights, [n, 1, 1, k]), activations), 3, true) };
  },
};

function lastLinear(network: Network): string {
  const last = network.namedModules().findLast(([, module]) => module.type === 'Linear');
  if (!last) throw new TouchstoneError('bad-params', 'CAM needs a linear layer; the network has none', 'Use grad-cam.');
  return last[0];
}

/** A, if what the linear layer is given is its global average. @throws `bad-params` */
async function checkHead(A: tf.Tensor | null, pooled: tf.Tensor | null, layer: string, linear: string): Promise<tf.Tensor4D> {
  const wrong = (why: string) => new TouchstoneError('bad-params', `CAM needs a network whose head is global average pooling and one linear layer: ${why}`, 'Name "layer" and "linear", or use grad-cam.');
  if (!A) throw wrong(`layer "${layer}" is never called`);
  if (!pooled) throw wrong(`linear layer "${linear}" is never called`);
  if (A.rank !== 4) throw wrong(`layer "${layer}" gives ${A.rank} dimensions`);
  const mean = tf.mean(A, [1, 2]);
  if (mean.shape.join() !== pooled.shape.join()) throw wrong(`"${linear}" is given [${pooled.shape.join(',')}], the means of "${layer}" are [${mean.shape.join(',')}]`);
  const [distance, size] = await Promise.all([tf.max(tf.abs(tf.sub(mean, pooled))).data(), tf.max(tf.abs(A)).data()]);
  if (distance[0]! > headTolerance * size[0]!) throw wrong(`the input of "${linear}" is not the mean of "${layer}"`);
  return A as tf.Tensor4D;
}
