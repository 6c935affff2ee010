/** What a golden holds: what the reference computed for a case, as its file stores it. */
import {
  GoldenMeta,
  parseJson,
  sample,
  sameShape,
  TouchstoneError,
  valuesIn,
  type HostTensor,
  type Stages,
} from '@touchstone/contract';
import { methods } from '@touchstone/methods';
import type { SketchProbes } from '@touchstone/session';
import { sketchOf } from './sketch-tensors.js';

export interface Golden {
  readonly meta: GoldenMeta;
  /** Whether every stage has one row per image; each image is then compared on its own. */
  readonly perImage: boolean;
  /** The compared stages, in order; of a sampled one the sample. */
  readonly stages: Stages;
  /** The small ones of the stages that postconditions judge. */
  readonly postconditionStages: Stages;
  readonly sketch: readonly SketchProbes[];
  /** The answers with one unit on the other side of its switch point. */
  readonly flips: readonly Stages[];
  /**
   * Of a made golden with several units near a switch point: stage → how far they may move each of its values together.
   */
  readonly reach?: Stages;
}

export const restore =
  'Restore golden/ from version control, install its package again, or make it with "touchstone golden regen".';

export function damaged(message: string): TouchstoneError {
  return new TouchstoneError('golden-damaged', message, restore);
}

export function parseGolden(id: string, path: string, tensors: Stages, metadata: Record<string, string>): Golden {
  const meta = parseJson(
    metadata['touchstone'] ?? '',
    GoldenMeta,
    `golden/${path}, metadata "touchstone"`,
    'golden-damaged',
  );
  if (meta.case !== id) throw damaged(`${path} is the golden of case ${meta.case}`);
  if (!meta.stages.includes('attribution')) throw damaged(`${path} has no stage "attribution"`);
  const get = (name: string): HostTensor => {
    const tensor = tensors[name];
    if (tensor === undefined) throw damaged(`${path} has no tensor "${name}"`);
    if (!tensor.data.every(Number.isFinite)) throw damaged(`${path}: tensor "${name}" is not finite`);
    return widened(tensor);
  };
  for (const stage of [...Object.keys(meta.claimed), ...Object.keys(meta.sampled)]) {
    if (!meta.stages.includes(stage)) throw damaged(`${path}: "${stage}" is not one of its stages`);
  }
  for (const stage of meta.stages.filter((name) => !Object.hasOwn(meta.claimed, name))) {
    if (!Object.hasOwn(meta.reference, stage)) throw damaged(`${path}: no reference error for stage "${stage}"`);
  }
  const compared = meta.stages.filter((stage) => !Object.hasOwn(meta.claimed, stage));
  const stages = Object.fromEntries(compared.map((stage) => [stage, get(stage)]));
  for (const [stage, { shape, every }] of Object.entries(meta.sampled)) {
    const kept = Math.ceil(valuesIn(shape) / every);
    if (!sameShape(stages[stage]?.shape ?? [], [kept]))
      throw damaged(`${path}: of stage "${stage}", [${shape.join(',')}], ${kept} values must be stored`);
  }
  const reach = compared.filter((stage) => tensors[`reach/${stage}`] !== undefined);
  return {
    meta,
    perImage: methods.find(({ id: method }) => id.startsWith(`${method}/`))?.declares.perImage ?? false,
    ...(reach.length > 0 && { reach: Object.fromEntries(reach.map((stage) => [stage, get(`reach/${stage}`)])) }),
    stages,
    postconditionStages: Object.fromEntries(
      Object.keys(meta.claimed)
        .filter((stage) => tensors[stage] !== undefined)
        .map((stage) => [stage, get(stage)]),
    ),
    sketch: sketchOf(meta.sketch, tensors, get, (problem) => {
      throw damaged(`${path}: ${problem}`);
    }),
    flips: meta.flips.map((_, index) =>
      Object.fromEntries(
        compared
          .filter((stage) => tensors[`flip/${index}/${stage}`] !== undefined)
          .map((stage) => [stage, get(`flip/${index}/${stage}`)]),
      ),
    ),
  };
}

/** In float64, in which everything is compared; a file has float32 where that is as good. */
function widened({ shape, data }: HostTensor): HostTensor {
  return { shape, data: data instanceof Float64Array ? data : Float64Array.from(data) };
}

/** What an answer is compared with: a golden, or what float64 computed, of which nothing is sampled. */
export interface Expected {
  readonly stages: Stages;
  readonly perImage: boolean;
  readonly meta: Pick<GoldenMeta, 'stages' | 'reference' | 'claimed' | 'sampled'>;
}

/** The whole shape of every stage. */
export function shapesOf({ meta, stages }: Expected): Record<string, readonly number[]> {
  return Object.fromEntries(
    meta.stages.map((stage) => [stage, meta.claimed[stage] ?? meta.sampled[stage]?.shape ?? stages[stage]!.shape]),
  );
}

/** The compared stages that the golden stores whole. */
export function wholeStages({ stages, meta }: Expected): Stages {
  return Object.fromEntries(Object.entries(stages).filter(([stage]) => !Object.hasOwn(meta.sampled, stage)));
}

/** A stage as the golden stores it: itself, or its sample; null if it has another shape. */
export function asKept(golden: Expected, stage: string, tensor: HostTensor): HostTensor | null {
  if (!sameShape(tensor.shape, shapesOf(golden)[stage] ?? [])) return null;
  const sampling = golden.meta.sampled[stage];
  return sampling === undefined ? tensor : sample(tensor, sampling);
}

/** The number of values in a complete answer. */
export function valuesOf(golden: Expected): number {
  return Object.values(shapesOf(golden)).reduce((sum, shape) => sum + valuesIn(shape), 0);
}
