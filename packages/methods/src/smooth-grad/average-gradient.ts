import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, Target } from '@touchstone/contract';
import { fromHost, toHost } from '@touchstone/network';
import { inputGradient } from '../steps/input-gradient.js';
import type { MethodJob } from '../core/method.js';
import { withClasses } from '../core/target.js';
import type { WorkerPool } from '../core/worker-pool.js';
import type { NoiseSource } from './noise.js';
import { RunningMean } from './running-mean.js';

export interface Averaging {
  readonly target: Target;
  /** σ [N] */
  readonly sigma: tf.Tensor1D;
  readonly noise: NoiseSource;
  /** A noisy copy of x, from x and σ·ε. */
  readonly noisy: (x: tf.Tensor4D, noise: tf.Tensor4D) => tf.Tensor4D;
  readonly mean: RunningMean;
  readonly samples: number;
  /** Samples per pass. */
  readonly batch: number;
}

type Job = Pick<MethodJob<unknown>, 'network' | 'x' | 'pool'>;

/** The gradients [count,N,H,W,C] of some samples, uploaded when they are taken. */
type Chunk = Promise<() => tf.Tensor5D>;

/** Chunks in progress or waiting per worker: the next is ready when one is done. */
const ahead = 2;

/** The mean over samples of the measured gradients, [N,H,W,C]; memory follows the batch, not the number of samples. */
export async function averageGradient(job: Job, averaging: Averaging): Promise<tf.Tensor4D> {
  const { mean, samples, batch } = averaging;
  const workers = job.pool?.size ?? 1;
  const maxChunks = job.pool ? ahead * workers : 1;
  const underWay: Chunk[] = [];
  let first = 0;
  const take = async (): Promise<void> => mean.add((await underWay.shift()!)());
  try {
    while (first < samples) {
      const left = samples - first;
      // Passes of about the same size: 13, 13, 12, 12 rather than 16, 16, 16, 2.
      const count = Math.min(Math.ceil(left / Math.ceil(left / batch)), Math.ceil(left / workers));
      const chunk = gradients(job, averaging, first, count);
      chunk.catch(() => undefined); // it is awaited later, in order
      underWay.push(chunk);
      first += count;
      if (underWay.length >= maxChunks) await take();
    }
    while (underWay.length > 0) await take();
    return mean.result();
  } finally {
    await Promise.allSettled(underWay);
  }
}

/** The gradients of samples first, first + 1, …, from this backend or from the pool. */
async function gradients(
  { network, x, pool }: Job,
  { target, sigma, noise, noisy }: Averaging,
  first: number,
  count: number,
): Chunk {
  const copies = tf.tidy(() => {
    const scale = tf.reshape(sigma, [x.shape[0], 1, 1, 1]);
    return tf.concat4d(
      Array.from({ length: count }, (_, i) => noisy(x, tf.mul(scale, noise(first + i)))),
      0,
    );
  });
  // One class per image becomes one per image and sample.
  const targets = withClasses(target, (each) => Array.from({ length: count }, () => each).flat());
  const shape = [count, ...x.shape] as tf.Tensor5D['shape'];
  if (pool) {
    const plain = await fromPool(pool, copies, targets);
    return () => tf.tidy(() => tf.reshape<tf.Rank.R5>(fromHost(plain), shape).clone());
  }
  const answer = tf.tidy(() => tf.reshape<tf.Rank.R5>(inputGradient(network, copies, targets).gradient, shape).clone());
  copies.dispose();
  return () => answer;
}

/** A worker computes input gradients as a stage of saliency. */
async function fromPool(pool: WorkerPool, images: tf.Tensor4D, target: Target): Promise<HostTensor> {
  const x = await toHost(images);
  images.dispose();
  const { gradient } = await pool.run({
    method: 'saliency',
    x,
    target,
    params: { reduce: 'none' },
    stages: ['gradient'],
  });
  return gradient!;
}
