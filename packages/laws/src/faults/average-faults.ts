/** Faults of SmoothGrad's averages and noise. */
import * as tf from '@tensorflow/tfjs-core';
import { smoothGradFrom } from '@touchstone/methods';
import { constant } from '@touchstone/network';
import { average, running, times, using, type Fault } from './fault.js';

export const averageFaults: readonly Fault[] = [
  average('random-factor', 'noise that does not come from the seed', (mean) => times(mean, 1 + Math.random())),
  running(
    'batches-weigh-the-same',
    'batches have the same weight whatever their size',
    ['smooth-grad'],
    (right) => async (job) => {
      const { batch, samples } = job.params as { batch: number | 'auto'; samples: number };
      const stages = await right(job);
      return typeof batch === 'number' && batch < samples
        ? { ...stages, average: times(stages['average']!, samples / (Math.ceil(samples / batch) * batch)) }
        : stages;
    },
  ),
  using(
    'smallest-sigma',
    'σ is 0.5 whatever the fraction and the image',
    smoothGradFrom({ sigma: (x) => constant(new Float64Array(x.shape[0]).fill(0.5), [x.shape[0]]) as tf.Tensor1D }),
  ),
  average('divisor-off-by-one', 'the sum divided by one sample too many', (mean, _kind, count) =>
    times(mean, count / (count + 1)),
  ),
  average('variance-around-one', 'a variance that is not taken around the mean', (mean, kind) =>
    kind === 'variance' ? tf.add(mean, constant([1], [])) : mean,
  ),
  average('variance-of-sample', 'the variance of a sample for that of a population', (mean, kind, count) =>
    kind === 'variance' && count > 1 ? times(mean, count / (count - 1)) : mean,
  ),
];
