/** What must hold for a class visualisation, however it was found; and the score that it raises. */
import * as tf from '@tensorflow/tfjs-core';
import { headsIn, TouchstoneError, type Target } from '@touchstone/contract';
import { Variable, type Network } from '@touchstone/network';
import type { Postcondition } from '../core/method.js';
import { targetSeed } from '../core/seed.js';
import { asLogits, notLinear, type Output } from '../core/target.js';
import { pixel } from '../steps/pixels.js';

export async function postconditionsOf(
  network: Network,
  start: tf.Tensor4D,
  end: tf.Tensor4D,
  target: Target,
  { probability }: { readonly probability: number },
): Promise<Postcondition[]> {
  const logitsOf = (image: tf.Tensor4D) => asLogits(network.call(Variable.leaf(image)).value);
  const last = logitsOf(end);
  const [before, after] = [await scores(logitsOf(start), target).data(), await scores(last, target).data()];
  const [low, high] = [pixel(network.description, 0), pixel(network.description, 255)];
  const outside = (await tf.max(tf.maximum(tf.sub(low, end), tf.sub(end, high))).data())[0]!;
  const width = (await tf.max(tf.sub(high, low)).data())[0]!;
  const found: Postcondition[] = [
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
    found.push({
      name: 'probability',
      holds: likely.every((p) => p > probability),
      text: `the class scores ${listed(likely)} after softmax; wanted is more than ${probability}`,
    });
  }
  return found;
}

/** f of each image, [N]. */
export function scores(output: Output, target: Target): tf.Tensor1D {
  const logits = asLogits(output);
  if (notLinear(target) !== undefined || headsIn(target).length > 0)
    throw new TouchstoneError(
      'bad-params',
      'class-visualization needs a class or a weighted sum of outputs as the target',
      'Give a target with "class" or "weights" alone.',
    );
  return tf.sum(tf.mul(logits, targetSeed(logits, target)), 1);
}

export function listed(values: ArrayLike<number>): string {
  return Array.from(values, short).join(', ');
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
