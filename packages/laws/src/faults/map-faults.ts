/** Faults of class activation maps, resizing, fooling images and t-SNE. */
import * as tf from '@tensorflow/tfjs-core';
import { tsneFrom } from '@touchstone/methods';
import { resizeBilinear } from '@touchstone/network';
import type { Inside } from '../law.js';
import { running, times, using, type Fault } from './fault.js';

const resizing = (id: string, fault: string, resize: Inside['resize']): Fault => ({
  id,
  fault,
  of: [],
  spoil: (right) => ({ ...right, resize }),
});

export const mapFaults: readonly Fault[] = [
  running('cam-mean-of-channels', 'mean over channels for the sum', ['cam'], (right) => async (job) => {
    const stages = await right(job);
    return { ...stages, attribution: times(stages['attribution']!, 1 / stages['activations']!.shape[3]!) };
  }),
  resizing('resize-zeros-outside', 'zeros beyond the edge', (x, [h, w]) => {
    const padded = tf.pad(x, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
    return tf.slice(resizeBilinear(padded, [h + 2, w + 2]), [0, 1, 1, 0], [-1, h, w, -1]);
  }),
  resizing('resize-clipped', 'a map that is clipped', (x, size) => tf.relu(resizeBilinear(x, size))),
  resizing('resize-sharpened', 'sharpening, as bicubic does', (x, size) =>
    tf.sub(times(resizeBilinear(x, size), 1.5), times(tf.image.resizeNearestNeighbor(x, [...size]), 0.5)),
  ),
  running(
    'channels-last-ignored',
    'a layer with channels last is read as one with channels first',
    ['grad-cam', 'hires-cam'],
    (right) => (job) => right({ ...job, params: { ...(job.params as object), channelsLast: false } }),
  ),
  running('fooling-step-missing', 'the last step left out', ['fooling-image'], (right) => async (job) => {
    const stages = await right(job);
    return { ...stages, attribution: tf.add(job.x, times(tf.sub(stages['attribution']!, job.x), 0.9)) };
  }),
  using(
    'distance-of-own-scale',
    'a distance with a scale of its own',
    tsneFrom({ distances: ({ n, data }) => ({ n, data: data.map((square) => square / (1 + square)) }) }),
  ),
];
