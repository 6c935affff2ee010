/** What can be done wrongly with a finished map, alone or in the combinations that people make. */
import type { HostTensor, Stages } from '@touchstone/contract';
import type { Method } from '../core/method.js';
import { remedy } from '../core/mutant.js';
import {
  byOwnLargestMagnitude,
  byOwnMaximum,
  magnitudeBeforeResizing,
  normaliseBeforeResizing,
  resizeAsPyTorch,
} from '../mutants/remedies.js';
import type { Reduce } from '../steps/reduce.js';
import { perImage, type FinishStep, type Part } from './finish-step.js';
import { resizeHalfPixel, wrongGrids } from './grids.js';
import { reductionsFor } from './reductions.js';
import { byMagnitude, byMaximum, fromMinToMax, otherScales, scales, signs } from './scales.js';
import { turns } from './turns.js';

/** A map that is finished in one way, and what may be done with it after that. */
export interface Finish {
  /** Faults, in order; empty: the attribution as it is. */
  readonly parts: readonly Part[];
  /** A stage before the attribution that they change too; an answer that has it is explained by the mutant. */
  readonly spoils?: string | undefined;
  /**
   * Null: it cannot be, or has another size than is wanted.
   *
   * @param stages an answer of the method
   * @param size of the image
   * @param wanted shape
   */
  readonly apply: (stages: Stages, size: Size, wanted: readonly number[]) => HostTensor | null;
  /** Each is a fault, or two, that comes on top. */
  readonly more: readonly (readonly FinishStep[])[];
}

type Size = readonly [rows: number, columns: number];

/** @param params all of the method's parameters */
export function finishesOf(method: Method, params: unknown): readonly Finish[] {
  if (method.id === 'hires-cam') return [...ofNormalisedMap.map(ofHiresCam), normalisedAttribution];
  if (method.id === 'grad-cam') return [...ofNormalisedMap, normalisedAttribution];
  const { reduce } = params as { reduce?: Reduce };
  return [attribution, ...(method.id === 'cam' ? resized : []), ...(reduce === undefined ? [] : reduced(reduce))];
}

/** Ids of the mutants that are nothing but one fault of the finished map. */
export function mutantsOfMap(finishes: readonly Finish[]): ReadonlySet<string> {
  const alone = finishes.flatMap(({ parts, spoils, more }) => {
    const [first, ...others] = parts;
    if (first === undefined) return more.flatMap(([step, second]) => (second === undefined ? [step!.id] : []));
    return others.length === 0 && spoils === undefined && first.id !== null ? [first.id] : [];
  });
  return new Set(alone);
}

function mapOf(stages: Stages, name: string): HostTensor | null {
  const stage = stages[name];
  return stage?.shape.length === 4 ? stage : null;
}

const eachAlone = (steps: readonly FinishStep[]): FinishStep[][] => steps.map((step) => [step]);
const scalesAndSigns = eachAlone([...scales, ...signs]);

const attribution: Finish = {
  parts: [],
  apply: (stages) => mapOf(stages, 'attribution'),
  more: [...scalesAndSigns, ...eachAlone(turns), ...signs.flatMap((sign) => scales.map((scale) => [sign, scale]))],
};

/** `ofNormalisedMap` has the other scales. */
const normalisedAttribution: Finish = { ...attribution, more: eachAlone([...otherScales, ...signs, ...turns]) };

const reduced = (right: Reduce): readonly Finish[] =>
  reductionsFor(right).map((reduction) => ({
    parts: [reduction],
    apply: (stages, _size, wanted) => {
      const gradient = wanted[1] === 1 ? mapOf(stages, 'average' in stages ? 'average' : 'gradient') : null;
      return gradient && reduction.apply(gradient);
    },
    more: scalesAndSigns,
  }));

const hasSize = (wanted: readonly number[], size: Size): boolean => wanted[2] === size[0] && wanted[3] === size[1];

/** CAM's map has the size of the layer. */
const resized: readonly Finish[] = [
  {
    id: null,
    fault: 'resized to the size of the image',
    remedy: remedy('Leave the map in the size of the layer'),
    resize: resizeHalfPixel,
  },
  ...wrongGrids,
].map(({ resize, ...part }): Finish => ({
  parts: [part],
  apply: (stages, size, wanted) => {
    const map = hasSize(wanted, size) ? mapOf(stages, 'attribution') : null;
    return map && resize(map, size);
  },
  more: scalesAndSigns,
}));

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
      apply: (stages, size, wanted) => {
        const map = hasSize(wanted, size) ? mapOf(stages, 'map') : null;
        return map && perImage(grid.resize(perImage(map, before), size), after);
      },
      more: [],
    })),
  ),
  ...normalisations.slice(0, 3).map(({ parts, before }): Finish => ({
    parts: [part(null, 'the map is not resized to the size of the image', resizeAsPyTorch), ...parts],
    apply: (stages) => {
      const map = mapOf(stages, 'map');
      return map && perImage(map, before);
    },
    more: [],
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
/** Its map may have signs. */
const remediesOfHiresCam: ReadonlyMap<Part['remedy'], Part['remedy']> = new Map([
  [byOwnMaximum, byOwnLargestMagnitude],
  [normaliseBeforeResizing, magnitudeBeforeResizing],
]);
const ofHiresCam = ({ parts, ...rest }: Finish): Finish => ({
  ...rest,
  parts: parts.map((each) => ({
    ...each,
    id: each.id && (idsOfHiresCam[each.id] ?? each.id),
    remedy: remediesOfHiresCam.get(each.remedy) ?? each.remedy,
  })),
});
