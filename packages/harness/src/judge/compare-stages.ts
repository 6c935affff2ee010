import {
  judgeSample,
  judgeImages,
  judgeStage,
  nearName,
  plainText,
  isRequired,
  sameShape,
  type HostTensor,
  type Judgement,
  type RequiredStages,
  type StageErrors,
  type Stages,
  type Tier,
} from '@touchstone/contract';
import type { Layout } from '@touchstone/port';
import { mismatchInLayout } from '../port/shape-in-layout.js';
import type { Golden } from '../golden/golden-file.js';
import type { ComparisonResult } from './decision.js';

/** One stage of an answer next to its golden. */
export interface StageComparison {
  readonly stage: string;
  /** null: the stage is not in the answer. */
  readonly judgement: Judgement | null;
}

/** Every stage that is compared number by number, in the order in which the stages are computed. */
export function compareEach(golden: Golden, stages: Stages, tier: Tier = 'float32'): StageComparison[] {
  return comparedStages(golden).map((stage) => ({ stage, judgement: compareOne(golden, stages, stage, tier) }));
}

/**
 * Compares stages in the order in which they are computed, up to the first that differs. A missing stage is skipped,
 * except `attribution` and those that are required. Stages that postconditions judge are not compared: see
 * `checkPostconditionStages`.
 */
export function compareStages(
  golden: Golden,
  stages: Stages,
  required: RequiredStages,
  tier: Tier = 'float32',
  layout: Layout = 'NCHW',
): ComparisonResult {
  const unknown = unknownStages(golden, stages);
  const agreed: string[] = [];
  const judged: StageComparison[] = [];
  let worst: { stage: string; judgement: Judgement } | undefined;
  let flipped = false;
  for (const stage of comparedStages(golden)) {
    const judgement = compareOne(golden, stages, stage, tier);
    if (judgement === null) {
      if (isRequired(stage, required)) return { ...missing(stage, unknown), ...errorsOf(golden, stages, tier) };
      continue;
    }
    judged.push({ stage, judgement });
    if (judgement.check !== null) {
      const reason = [whyFailed(stage, judgement, agreed, layout), ...unknown].join('\n');
      const errors = errorsOf(golden, stages, tier);
      return { status: 'failed', check: judgement.check, stage, ...measured(judgement), ...errors, reason };
    }
    agreed.push(stage);
    flipped ||= judgement.flips.length > 0;
    if (worst === undefined || judgement.ratio > worst.judgement.ratio) worst = { stage, judgement };
  }
  if (worst === undefined) {
    const reason = 'judged by its postconditions alone: the answer has no stage that is compared';
    return { status: 'passed', stage: 'attribution', reason };
  }
  const reason = howPassed(tier, flipped, unknown);
  return { status: 'passed', stage: worst.stage, ...measured(worst.judgement), ...asErrors(judged), reason };
}

/**
 * Whether the stages that postconditions judge are there (as in `compareStages`), have their shapes and are finite;
 * null: they are. Does not check the postconditions.
 */
export function checkPostconditionStages(
  { meta }: Golden,
  stages: Stages,
  required: RequiredStages,
): ComparisonResult | null {
  for (const [stage, shape] of Object.entries(meta.claimed)) {
    const actual = stageOf(stages, stage);
    if (actual === undefined) {
      if (isRequired(stage, required)) return missing(stage);
      continue;
    }
    if (!sameShape(actual.shape, shape)) {
      const got = actual.shape.slice(0, 8).join(',');
      const reason = `stage "${stage}" has shape [${got}], golden [${shape.join(',')}]`;
      return { status: 'failed', check: 'shape', stage, reason };
    }
    if (!actual.data.every(Number.isFinite))
      return { status: 'failed', check: 'non-finite', stage, reason: `stage "${stage}" holds NaN or ±∞` };
  }
  return null;
}

function comparedStages({ meta }: Golden): string[] {
  return meta.stages.filter((stage) => !Object.hasOwn(meta.claimed, stage));
}

function compareOne(golden: Golden, stages: Stages, stage: string, tier: Tier): Judgement | null {
  const actual = stageOf(stages, stage);
  if (actual === undefined) return null;
  const expected = golden.stages[stage]!;
  const reference = golden.meta.reference[stage]!;
  const alternatives = golden.flips.map((flip) => flip[stage] ?? expected);
  const sampling = golden.meta.sampled[stage];
  return sampling === undefined
    ? (golden.perImage ? judgeImages : judgeStage)(actual, expected, reference, alternatives, tier)
    : judgeSample(actual, expected, reference, alternatives, sampling, tier);
}

function stageOf(stages: Stages, stage: string): HostTensor | undefined {
  return Object.hasOwn(stages, stage) ? stages[stage] : undefined;
}

/** Of all stages, also after the first that differs. */
function errorsOf(golden: Golden, stages: Stages, tier: Tier) {
  return asErrors(compareEach(golden, stages, tier));
}

function asErrors(compared: readonly StageComparison[]): { stages?: StageErrors[] } {
  const stages = compared.flatMap(({ stage, judgement }): StageErrors[] => {
    if (judgement === null) return [];
    const { check, e2, eMax, allowed } = judgement;
    const numbers = { allowed: shortened(allowed.e2), allowedMax: shortened(allowed.eMax) };
    const errors = Number.isFinite(e2) && Number.isFinite(eMax) ? { e2: shortened(e2), eMax: shortened(eMax) } : {};
    return [{ stage, agrees: check === null, ...errors, ...numbers }];
  });
  return stages.length === 0 ? {} : { stages };
}

const shortened = (value: number): number => Number(value.toPrecision(4));

/** JSON has no ∞, so a distance that is not finite is left out. */
function measured({ e2, eMax, allowed, ratio }: Judgement) {
  return Number.isFinite(ratio) ? { e2, eMax, allowed: allowed.e2, allowedMax: allowed.eMax, ratio } : {};
}

function missing(stage: string, notes: readonly string[] = []): ComparisonResult {
  const followed =
    stage === 'display' ? ['remedy: Follow params.display, which is true here, or answer "unsupported".'] : [];
  const missed = `there is no stage "${stage}" in the answer, which this case requires`;
  const reason = [missed, ...notes, ...followed].join('\n');
  return { status: 'failed', check: 'stages', stage, reason };
}

function whyFailed(stage: string, judgement: Judgement, agreed: readonly string[], layout: Layout): string {
  const others = agreed.length === 0 ? '' : ` (${agreed.join(', ')} ${agreed.length === 1 ? 'agrees' : 'agree'})`;
  return [`differs from the golden at stage "${stage}"${others}`, ...mismatchInLayout(judgement, layout)].join('\n');
}

function howPassed(tier: Tier, flipped: boolean, unknown: readonly string[]): string | null {
  const notes = [
    ...(tier === 'float16' ? ['degraded: judged with the tolerances of half precision'] : []),
    ...(flipped ? ['agrees with a stored alternative answer: a unit is on the other side of its switch point'] : []),
    ...unknown,
  ];
  return notes.length === 0 ? null : notes.join('; ');
}

/** A note for people; none where every stage is known. */
function unknownStages({ meta }: Golden, stages: Stages): string[] {
  const unknown = Object.keys(stages).filter((stage) => !meta.stages.includes(stage));
  if (unknown.length === 0) return [];
  const named = unknown.slice(0, 5).map((stage) => {
    const meant = nearName(stage, meta.stages);
    return `${plainText(stage, 100)}${meant === null ? '' : ` (did you mean ${meant}?)`}`;
  });
  return [`stages unknown to the golden were not judged: ${named.join(', ')}`];
}
