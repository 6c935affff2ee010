import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor } from '@touchstone/contract';
import { fromHost } from '@touchstone/network';

export const mostSamples = 10_000;

/** ε of sample i, [N,H,W,C]. */
export type NoiseSource = (sample: number) => tf.Tensor4D;

/** Stored noise [samples,N,C,H,W], or by seed; each sample's is made when it is asked for. */
export function noiseSource([n, h, w, c]: tf.Tensor4D['shape'], { samples, seed }: { samples: number; seed: number }, stored: HostTensor | undefined): NoiseSource {
  // TF.js takes seed 0 for none.
  if (!stored) return (sample) => tf.randomNormal([n, h, w, c], 0, 1, 'float32', seed * mostSamples + sample + 1);
  if (stored.shape.join() !== [samples, n, c, h, w].join()) {
    throw new TouchstoneError('bad-params', `noise has shape [${stored.shape.join(',')}], expected [samples,N,C,H,W] = [${[samples, n, c, h, w].join(',')}]`, 'Set "samples" to the number that is stored.');
  }
  const size = n * c * h * w;
  return (sample) => fromHost({ shape: [n, c, h, w], data: stored.data.subarray(sample * size, (sample + 1) * size) }) as tf.Tensor4D;
}
