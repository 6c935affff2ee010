import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, Target } from '@touchstone/contract';
import { fromHost, toHost } from '@touchstone/network';
import { inputGradient } from '../input-gradient.js';
import type { MethodJob } from '../method.js';
import type { WorkerPool } from '../worker-pool.js';
import { BatchTrials } from './batch-trials.js';
import type { NoiseSource } from './noise.js';
import { RunningMean } from './running-mean.js';

export interface Averaging {
  /** σ [N] */
  readonly sigma: tf.Tensor1D;
  readonly noise: NoiseSource;
  readonly mean: RunningMean;
  readonly samples: number;
  readonly batch: number | 'auto';
  /** What one sample needs in a pass; for `auto`. */
  readonly bytes: number;
}

type Job = Pick<MethodJob<unknown>, 'network' | 'x' | 'target' | 'pool' | 'batching'>;

/** The gradients [count,N,H,W,C] of some samples, put on this engine when they are taken. */
type Chunk = Promise<() => tf.Tensor5D>;

/** Chunks under way or waiting, for each engine of a pool: the next is ready when one is done. */
const ahead = 2;

/** The mean over samples of the measured gradients, [N,H,W,C]; memory follows the batch, not the number of samples. */
export async function averageGradient(job: Job, averaging: Averaging): Promise<tf.Tensor4D> {
  const { mean, samples } = averaging;
  const engines = job.pool?.size ?? 1;
  const most = job.pool ? ahead * engines : 1;
  const underWay: Chunk[] = [];
  let first = 0;
  /** The next `count` samples; returns the one that is then the next. */
  const begin = (count: number): number => {
    const chunk = gradients(job, averaging, first, count);
    chunk.catch(() => undefined); // it is looked at in its turn
    underWay.push(chunk);
    return first + count;
  };
  const take = async (): Promise<void> => mean.add((await underWay.shift()!)());
  /** Milliseconds for each sample of a pass of `batch` on every engine; null: there are not so many left. */
  const timed = async (batch: number): Promise<number | null> => {
    if (batch * engines > samples - first) return null;
    const start = performance.now();
    for (let i = 0; i < engines; i++) first = begin(batch);
    while (underWay.length > 0) await take();
    await mean.settled();
    return (performance.now() - start) / (batch * engines);
  };
  try {
    const batch = await chooseBatch(job, averaging, engines, timed);
    while (first < samples) {
      first = begin(Math.min(batch, Math.ceil((samples - first) / engines)));
      if (underWay.length >= most) await take();
    }
    while (underWay.length > 0) await take();
    return mean.result();
  } finally {
    await Promise.allSettled(underWay);
  }
}

/** As asked; else as remembered, or by trial. Where nothing is remembered a rule gives the same size every time. */
async function chooseBatch(
  { network, x, batching }: Job,
  { batch, bytes }: Averaging,
  engines: number,
  timed: (size: number) => Promise<number | null>,
): Promise<number> {
  if (batch !== 'auto') return batch;
  if (!batching) return Math.min(32, Math.max(1, Math.floor(500_000 / x.size)));
  const key = `${tf.getBackend()} ${network.description.name} ${x.shape.join('×')}${engines > 1 ? ` on ${engines} engines` : ''}`;
  const trials = new BatchTrials(batching.memory.get(key), Math.max(1, Math.floor(batching.budgetBytes / bytes)));
  while (trials.next !== null) {
    const time = await timed(trials.next);
    if (time === null) break;
    trials.took(time);
    batching.memory.set(key, trials.result);
  }
  return trials.result.batch;
}

/** Of samples first, first + 1, …: from this engine, or from the pool. */
async function gradients(
  { network, x, target, pool }: Job,
  { sigma, noise }: Averaging,
  first: number,
  count: number,
): Chunk {
  const noisy = tf.tidy(() => {
    const scale = tf.reshape(sigma, [x.shape[0], 1, 1, 1]);
    return tf.concat4d(
      Array.from({ length: count }, (_, i) => tf.add<tf.Tensor4D>(x, tf.mul(scale, noise(first + i)))),
      0,
    );
  });
  const targets = repeated(target, count);
  const shape = [count, ...x.shape] as tf.Tensor5D['shape'];
  if (pool) {
    const plain = await fromTeam(pool, noisy, targets);
    return () => tf.tidy(() => tf.reshape<tf.Rank.R5>(fromHost(plain), shape).clone());
  }
  const answer = tf.tidy(() => tf.reshape<tf.Rank.R5>(inputGradient(network, noisy, targets).gradient, shape).clone());
  noisy.dispose();
  return () => answer;
}

/** The input gradients of pictures are a stage of saliency. */
async function fromTeam(pool: WorkerPool, pictures: tf.Tensor4D, target: Target): Promise<HostTensor> {
  const x = await toHost(pictures);
  pictures.dispose();
  const { gradient } = await pool.run({
    method: 'saliency',
    x,
    target,
    params: { reduce: 'none' },
    stages: ['gradient'],
  });
  return gradient!;
}

/** One class per picture becomes one per picture and sample. */
function repeated(target: Target, times: number): Target {
  if (!('class' in target) || !Array.isArray(target.class)) return target;
  const classes = target.class;
  return { class: Array.from({ length: times }, () => classes).flat() };
}
