/** The right answer, with a fault in what is done with the finished map; the other stages stay. */
import type { HostTensor, Stages } from '@touchstone/contract';
import type { FinishStep } from '../causes/finish-step.js';
import { wrongGrids } from '../causes/grids.js';
import { reduceAs, reductionsFor } from '../causes/reductions.js';
import { scales, signs } from '../causes/scales.js';
import { turns } from '../causes/turns.js';
import { explain, type Explanation } from '../core/explain.js';
import type { Method } from '../core/method.js';
import { remedy, type Mutant } from '../core/mutant.js';
import type { Reduce } from '../steps/reduce.js';

const ofImageGradients = ['saliency', 'smooth-grad', 'guided-backprop', 'deconv'] as const;
const ofMaps = [...ofImageGradients, 'cam'] as const;

type Spoil = (stages: Stages, method: Method, explanation: Explanation) => Stages;

async function spoilt(method: Method, explanation: Explanation, spoil: Spoil): Promise<Stages> {
  const { stages } = await explain(method, explanation);
  return { ...stages, ...spoil(stages, method, explanation) };
}

function finishing({ id, fault, remedy, apply }: FinishStep, of: readonly string[], shows?: Mutant['shows']): Mutant {
  return {
    ...(shows && { shows }),
    id,
    fault,
    remedy,
    of,
    explain: (method, explanation) =>
      spoilt(method, explanation, ({ attribution }) => ({ attribution: apply(attribution!) })),
  };
}

const gradientOf = (stages: Stages): HostTensor => (stages['average'] ?? stages['gradient'])!;
const reduceOf = (method: Method, { params }: Explanation): Reduce =>
  (method.params.parse(params ?? {}) as { reduce: Reduce }).reduce;

/** @param id of a way of reducing; where it has another id, or is right, the fault cannot show */
function reducing(id: string, fault: string): Mutant {
  const step = (method: Method, explanation: Explanation): FinishStep | undefined =>
    reductionsFor(reduceOf(method, explanation)).find((known) => known.id === id);
  return {
    id,
    fault,
    remedy: remedy(
      'Reduce the channels as the parameter "reduce" says',
      'g.abs().max(3, true)',
      'g.abs().amax(1, keepdim=True)',
    ),
    of: ['saliency', 'smooth-grad'],
    explain: (method, explanation) =>
      spoilt(method, explanation, (stages) => {
        const reduction = step(method, explanation);
        return reduction === undefined ? stages : { attribution: reduction.apply(gradientOf(stages)) };
      }),
  };
}

const product = ({ shape, data }: HostTensor, image: HostTensor): HostTensor => ({
  shape,
  data: Float64Array.from(data, (value, i) => value * image.data[i]!),
});

const timesInput: Mutant = {
  id: 'times-input',
  fault: 'gradient times input instead of the gradient',
  remedy: remedy('Leave out the multiplication by the image'),
  of: ['saliency', 'guided-backprop', 'deconv'],
  explain: (method, explanation) =>
    spoilt(method, explanation, (stages) => {
      const gradient = product(gradientOf(stages), explanation.x);
      const reduce = reduceOf(method, explanation);
      const attribution = reduce === 'none' ? gradient : reduceAs[reduce](gradient);
      return { gradient, attribution };
    }),
};

/** These show where the channels are not reduced to magnitudes. */
const ofSignedMaps = new Set(['signs-dropped', 'negatives-dropped', 'answer-bgr']);

export const outputMutants: readonly Mutant[] = [
  ...[...scales, ...signs, ...turns].map((step) =>
    ofSignedMaps.has(step.id)
      ? finishing(step, ofImageGradients, { params: { reduce: 'none' } })
      : finishing(step, ofMaps),
  ),
  reducing('reduced-otherwise', 'channels are reduced by the other measure: abs-sum for abs-max, abs-max for abs-sum'),
  reducing('channels-averaged', 'magnitudes of the channels are averaged'),
  reducing('channels-norm', 'the Euclidean norm of the channels'),
  reducing('channels-summed-with-signs', 'the sum of the channels, with signs'),
  reducing('channels-averaged-with-signs', 'the mean of the channels, with signs'),
  ...wrongGrids
    .filter(({ id }) => id === 'nearest-below')
    .map(({ id, fault, remedy, resize }): Mutant => ({
      id,
      fault,
      remedy,
      of: ['grad-cam', 'hires-cam'],
      explain: (method, explanation) =>
        spoilt(method, explanation, ({ normalised }) => ({
          attribution: resize(normalised!, explanation.x.shape.slice(2) as [number, number]),
        })),
    })),
  timesInput,
];
