import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

export const Reduce = z.enum(['none', 'abs-max', 'abs-sum']);
export type Reduce = z.infer<typeof Reduce>;

/**
 * Over channels: [N,H,W,C] → [N,H,W,1]; `none` keeps them. `abs-max`: Simonyan et al. 2013, section 3.1; `abs-sum`:
 * Fleuret, course notes.
 */
export function reduceChannels(gradient: tf.Tensor4D, reduce: Reduce): tf.Tensor4D {
  switch (reduce) {
    case 'none':
      return gradient.clone();
    case 'abs-max':
      return tf.max(tf.abs(gradient), 3, true);
    case 'abs-sum':
      return tf.sum(tf.abs(gradient), 3, true);
  }
}
