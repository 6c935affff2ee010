/** What can be done wrongly with a finished map, alone or in the combinations that people make. */
import type { HostTensor, Stages } from '@touchstone/contract';
import type { Method } from '../core/method.js';
import { byOwnMaximum, normaliseBeforeResizing } from '../mutants/remedies.js';
import type { Reduce } from '../steps/reduce.js';
import { perImage, type FinishStep, type Part } from './finish-step.js';
import { resizeHalfPixel, wrongGrids } from './grids.js';
import { reductionsFor } from './reductions.js';
import { byMagnitude, byMaximum, fromMinToMax, scales, signs } from './scales.js';
import { turns } from './turns.js';

export interface Finish {
  /** Faults, in order. */
  readonly parts: readonly Part[];
  /** A stage before the attribution that they change too; an answer that has it is explained by the mutant. */
  readonly spoils?: string | undefined;
  /**
   * The spoilt attribution; null: it cannot be.
   *
   * @param stages an answer of the method
   * @param size of the image
   */
  readonly apply: (stages: Stages, size: readonly [number, number]) => HostTensor | null;
}

/** @param params all of the method's parameters */
export function finishesOf(method: Method, params: unknown): readonly Finish[] {
  if (method.id === 'hires-cam') return [...ofNormalisedMap.map(ofHiresCam), ...ofAttribution];
  if (method.id === 'grad-cam') return [...ofNormalisedMap, ...ofAttribution];
  const { reduce } = params as { reduce?: Reduce };
  return [...ofAttribution, ...(method.id === 'cam' ? resized : []), ...(reduce === undefined ? [] : reduced(reduce))];
}

function mapOf(stages: Stages, name: string): HostTensor | null {
  const stage = stages[name];
  return stage?.shape.length === 4 ? stage : null;
}

const withStep = ({ parts, apply }: Finish, step: FinishStep): Finish => ({
  parts: [...parts, step],
  apply: (stages, size) => {
    const map = apply(stages, size);
    return map && step.apply(map);
  },
});

const withScales = (finish: Finish): Finish[] =>
  [finish].concat([...scales, ...signs].map((step) => withStep(finish, step)));

const attribution: Finish = { parts: [], apply: (stages) => mapOf(stages, 'attribution') };

const ofAttribution: readonly Finish[] = [
  ...[...scales, ...signs, ...turns].map((step) => withStep(attribution, step)),
  ...signs.flatMap((sign) => scales.map((scale) => withStep(withStep(attribution, sign), scale))),
];

function reduced(right: Reduce): readonly Finish[] {
  return reductionsFor(right).flatMap((reduction) => {
    const alone: Finish = {
      parts: [reduction],
      apply: (stages) => {
        const gradient = mapOf(stages, 'average' in stages ? 'average' : 'gradient');
        return gradient && reduction.apply(gradient);
      },
    };
    return withScales(alone);
  });
}

/** CAM's map has the size of the layer. */
const resized: readonly Finish[] = [
  { id: null, fault: 'resized to the size of the image', remedy: null, resize: resizeHalfPixel },
  ...wrongGrids,
].flatMap(({ resize, ...part }) => {
  const alone: Finish = {
    parts: [part],
    apply: (stages, size) => {
      const map = mapOf(stages, 'attribution');
      return map && resize(map, size);
    },
  };
  return withScales(alone);
});

type Scale = (values: Float64Array) => ArrayLike<number>;
const unscaled: Scale = (values) => values;
const part = (id: string | null, fault: string, remedy: Part['remedy'] = byOwnMaximum): Part => ({ id, fault, remedy });

/** How a map becomes one from 0 to 1, before and after it is resized; the first is right. */
const normalisations: readonly { parts: readonly Part[]; before: Scale; after: Scale }[] = [
  { parts: [], before: byMagnitude, after: unscaled },
  { parts: [part('cam-unscaled', 'the map is not divided by its maximum')], before: unscaled, after: unscaled },
  {
    parts: [part('cam-min-max', 'the map is scaled from its minimum to its maximum instead of from 0')],
    before: fromMinToMax,
    after: unscaled,
  },
  {
    parts: [
      part(
        'cam-normalised-after-resizing',
        'the map is divided by its maximum after it is resized instead of before, as in pytorch-grad-cam',
        normaliseBeforeResizing,
      ),
    ],
    before: unscaled,
    after: byMaximum,
  },
  {
    parts: [
      part(
        'cam-min-max-after-resizing',
        'the map is scaled from its minimum to its maximum after it is resized',
        normaliseBeforeResizing,
      ),
    ],
    before: unscaled,
    after: fromMinToMax,
  },
];

const grids = [{ parts: [] as readonly Part[], resize: resizeHalfPixel }].concat(
  wrongGrids.map(({ resize, ...grid }) => ({ parts: [grid], resize })),
);

const ofNormalisedMap: readonly Finish[] = [
  ...grids.flatMap((grid) =>
    normalisations.map(({ parts, before, after }): Finish => ({
      parts: [...grid.parts, ...parts],
      spoils: before !== byMagnitude && after === unscaled ? 'normalised' : undefined,
      apply: (stages, size) => {
        const map = mapOf(stages, 'map');
        return map && perImage(grid.resize(perImage(map, before), size), after);
      },
    })),
  ),
  ...normalisations.slice(0, 3).map(({ parts, before }): Finish => ({
    parts: [part(null, 'the map is not resized to the size of the image', null), ...parts],
    apply: (stages) => {
      const map = mapOf(stages, 'map');
      return map && perImage(map, before);
    },
  })),
].filter(({ parts }) => parts.length > 0);

/** Mutants of Grad-CAM → the same of HiResCAM, where they have other ids. */
const idsOfHiresCam: Readonly<Record<string, string>> = {
  'align-corners': 'hires-align-corners',
  'legacy-grid': 'hires-legacy-grid',
  nearest: 'hires-nearest',
  bicubic: 'hires-bicubic',
  'cam-unscaled': 'hires-unscaled',
  'cam-min-max': 'hires-min-max',
  'cam-normalised-after-resizing': 'hires-normalised-after-resizing',
};
const ofHiresCam = ({ parts, ...rest }: Finish): Finish => ({
  ...rest,
  parts: parts.map((each) => ({ ...each, id: each.id && (idsOfHiresCam[each.id] ?? each.id) })),
});
