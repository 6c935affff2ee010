/** Ways of scaling a map, and of treating its signs. */
import type { HostTensor } from '@touchstone/contract';
import { remedy } from '../core/mutant.js';
import { limits, perImage, perValue, type FinishStep } from './finish-step.js';

type Values = Float64Array;

const orOne = (size: number): number => (size === 0 ? 1 : size);

export const byMaximum = (values: Values): Values => {
  const { most } = limits(values);
  return values.map((value) => value / orOne(most));
};
export const byMagnitude = (values: Values): Values => {
  const { least, most } = limits(values);
  return values.map((value) => value / orOne(Math.max(most, -least)));
};
export const fromMinToMax = (values: Values): Values => {
  const { least, most } = limits(values);
  return values.map((value) => (value - least) / orOne(most - least));
};
/** NumPy's percentile, by linear interpolation. */
const toPercentile = (values: Values): Values => {
  const sorted = values.toSorted();
  const at = 0.99 * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  const [least, most] = [sorted[0]!, low + (high - low) * (at - Math.floor(at))];
  return values.map((value) => Math.min(Math.max((value - least) / orOne(most - least), 0), 1));
};
const inLevels = (values: Values): Values => fromMinToMax(values).map((value) => Math.floor(255 * value) / 255);
const standardised = (values: Values): Values => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return values.map((value) => (value - mean) / orOne(Math.sqrt(variance)));
};

const leaveUnscaled = remedy('Return the values as they are, and scale a copy for display');
const scaleEach = remedy(
  'Return the values as they are; for display, scale each image by itself',
  'map.max([1, 2, 3], true)',
  'map.amax((1, 2, 3), keepdim=True)',
);
const keepSigns = remedy('Return the values with their signs');

const ofImages = (change: (values: Values) => Values) => (maps: HostTensor) => perImage(maps, change);
const ofBatch =
  (change: (values: Values) => Values) =>
  ({ shape, data }: HostTensor) => ({
    shape,
    data: change(new Float64Array(data)),
  });

/** Those by the ends of a map's range. */
export const plainScales: readonly FinishStep[] = [
  {
    id: 'scaled-by-maximum',
    fault: 'divided by the maximum of the map',
    remedy: leaveUnscaled,
    apply: ofImages(byMaximum),
  },
  {
    id: 'scaled-by-magnitude',
    fault: 'divided by the largest magnitude of the map',
    remedy: leaveUnscaled,
    apply: ofImages(byMagnitude),
  },
  {
    id: 'scaled-min-max',
    fault: 'scaled by minimum and maximum of the map',
    remedy: leaveUnscaled,
    apply: ofImages(fromMinToMax),
  },
];

export const otherScales: readonly FinishStep[] = [
  {
    id: 'scaled-to-percentile',
    fault: 'scaled from the minimum to the 99th percentile and clipped, as in PAIR saliency',
    remedy: leaveUnscaled,
    apply: ofImages(toPercentile),
  },
  {
    id: 'stored-in-8-bits',
    fault: 'scaled by minimum and maximum and stored in 8 bits, as by np.uint8(255 * map)',
    remedy: leaveUnscaled,
    apply: ofImages(inLevels),
  },
  {
    id: 'standardised',
    fault: 'the mean of the map is subtracted, and it is divided by its standard deviation',
    remedy: leaveUnscaled,
    apply: ofImages(standardised),
  },
  {
    id: 'batch-scaled-by-maximum',
    fault: "divided by the batch's maximum",
    remedy: scaleEach,
    needsBatch: true,
    apply: ofBatch(byMaximum),
  },
  {
    id: 'batch-scaled-min-max',
    fault: 'scaled by minimum and maximum of the batch',
    remedy: scaleEach,
    needsBatch: true,
    apply: ofBatch(fromMinToMax),
  },
];

export const scales: readonly FinishStep[] = [...plainScales, ...otherScales];

export const signs: readonly FinishStep[] = [
  {
    id: 'signs-dropped',
    fault: 'magnitudes instead of values',
    remedy: keepSigns,
    apply: (maps) => perValue(maps, Math.abs),
  },
  {
    id: 'negatives-dropped',
    fault: 'negative values are set to 0',
    remedy: keepSigns,
    apply: (maps) => perValue(maps, (value) => Math.max(value, 0)),
  },
  {
    id: 'signs-reversed',
    fault: 'all signs are reversed',
    remedy: remedy('Take the gradient of the score, not of a loss', 'score', 'score.backward()'),
    apply: (maps) => perValue(maps, (value) => -value),
  },
];
