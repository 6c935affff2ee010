/** Ways of reducing the channels of a gradient [N,C,H,W] to one. */
import type { HostTensor } from '@touchstone/contract';
import { remedy, type Remedy } from '../core/mutant.js';
import type { Reduce } from '../steps/reduce.js';
import type { FinishStep } from './finish-step.js';

type OfPixel = (values: Float64Array) => number;

const reducing =
  (ofPixel: OfPixel) =>
  ({ shape, data }: HostTensor): HostTensor => {
    const [n, c, h, w] = shape as [number, number, number, number];
    const pixels = h * w;
    const result = new Float64Array(n * pixels);
    const values = new Float64Array(c);
    for (let i = 0; i < result.length; i++) {
      const first = Math.floor(i / pixels) * c * pixels + (i % pixels);
      for (let k = 0; k < c; k++) values[k] = data[first + k * pixels]!;
      result[i] = ofPixel(values);
    }
    return { shape: [n, 1, h, w], data: result };
  };

const sum: OfPixel = (values) => values.reduce((total, value) => total + value, 0);
const largest: OfPixel = (values) => values.reduce((most, value) => Math.max(most, value), -Infinity);
const ofMagnitudes =
  (ofPixel: OfPixel): OfPixel =>
  (values) =>
    ofPixel(values.map(Math.abs));
const mean =
  (ofPixel: OfPixel): OfPixel =>
  (values) =>
    ofPixel(values) / values.length;

/** As the parameter says. */
export const reduceAs: Readonly<Record<Exclude<Reduce, 'none'>, (maps: HostTensor) => HostTensor>> = {
  'abs-max': reducing(ofMagnitudes(largest)),
  'abs-sum': reducing(ofMagnitudes(sum)),
};

/** An answer that is right for another value of the parameter. */
export function ignoredReduce(right: Reduce, given: Reduce): { readonly fault: string; readonly remedy: Remedy } {
  const { how: _, ...code } = remedies[right];
  return {
    fault: `the answer is that of reduce "${given}", which is not what params.reduce asks for`,
    remedy: { how: `Follow params.reduce, which differs from case to case; here it is "${right}"`, ...code },
  };
}

const remedies: Readonly<Record<Reduce, Remedy>> = {
  none: remedy('Return all channels'),
  'abs-max': remedy('Take the largest magnitude', 'g.abs().max(3, true)', 'g.abs().amax(1, keepdim=True)'),
  'abs-sum': remedy('Add up the magnitudes', 'g.abs().sum(3, true)', 'g.abs().sum(1, keepdim=True)'),
};

/** `is`: the right one for this parameter; `unsigned`: the right one for it, but for the absolute values. */
const kinds: readonly { id: string; fault: string; is?: Reduce; unsigned?: Reduce; ofPixel: OfPixel }[] = [
  { id: 'reduced-otherwise', fault: 'params.reduce is ignored', is: 'abs-max', ofPixel: ofMagnitudes(largest) },
  { id: 'reduced-otherwise', fault: 'params.reduce is ignored', is: 'abs-sum', ofPixel: ofMagnitudes(sum) },
  { id: 'channels-averaged', fault: 'magnitudes of the channels are averaged', ofPixel: mean(ofMagnitudes(sum)) },
  {
    id: 'channels-norm',
    fault: 'the Euclidean norm of the channels',
    ofPixel: (values) => Math.sqrt(values.reduce((total, value) => total + value * value, 0)),
  },
  {
    id: 'channels-largest-with-signs',
    fault: 'the largest value of the channels, with signs',
    unsigned: 'abs-max',
    ofPixel: largest,
  },
  { id: 'channels-summed-with-signs', fault: 'the sum of the channels, with signs', unsigned: 'abs-sum', ofPixel: sum },
  { id: 'channels-averaged-with-signs', fault: 'the mean of the channels, with signs', ofPixel: mean(sum) },
];

/** All that are wrong where the parameter is `right`. */
export function reductionsFor(right: Reduce): readonly FinishStep[] {
  return kinds
    .filter(({ is }) => is !== right)
    .map(({ id, fault, is, unsigned, ofPixel }) => {
      const ignored = is === undefined ? null : ignoredReduce(right, is);
      return {
        id: unsigned === right ? 'reduced-with-signs' : id,
        fault: ignored?.fault ?? `${fault} instead of ${words[right]}`,
        remedy: ignored?.remedy ?? remedies[right],
        apply: reducing(ofPixel),
      };
    });
}

const words: Readonly<Record<Reduce, string>> = {
  none: 'all channels',
  'abs-max': 'their largest magnitude',
  'abs-sum': 'the sum of their magnitudes',
};
