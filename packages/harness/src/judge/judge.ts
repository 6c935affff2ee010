import {
  describeMismatch,
  judgeSample,
  judgeStage,
  sameShape,
  type Check,
  type HostTensor,
  type Judgement,
  type Stages,
  type Tier,
} from '@touchstone/contract';
import type { Golden } from '../golden/golden-store.js';

/** What an outcome says of the comparison with the golden. */
export interface Verdict {
  readonly status: 'passed' | 'failed';
  /** Failed: the first diverging stage. Passed: the one with the largest ratio. */
  readonly stage: string;
  readonly check: Check | null;
  readonly e2: number | null;
  readonly eMax: number | null;
  readonly allowed: number | null;
  readonly allowedMax: number | null;
  readonly ratio: number | null;
  readonly reason: string | null;
}

/**
 * Compares stages in the order in which they are computed, up to the first that diverges. A stage that is missing is
 * passed over, except `attribution` and, where `everyStage` is set, any other. Stages that are claimed are not looked at:
 * see `judgeClaimed`.
 */
export function judge(golden: Golden, stages: Stages, everyStage: boolean, tier: Tier = 'float32'): Verdict {
  const { meta } = golden;
  const agreed: string[] = [];
  let worst: { stage: string; judgement: Judgement } | undefined;
  let flipped = false;
  const compared = meta.stages.filter((stage) => !Object.hasOwn(meta.claimed, stage));
  for (const stage of compared) {
    const actual = stageOf(stages, stage);
    if (actual === undefined) {
      if (everyStage || stage === 'attribution') return missing(stage);
      continue;
    }
    const expected = golden.stages[stage]!;
    const alternatives = golden.flips.map((flip) => flip[stage] ?? expected);
    const sampling = meta.sampled[stage];
    const judgement =
      sampling === undefined
        ? judgeStage(actual, expected, meta.reference[stage]!, alternatives, tier)
        : judgeSample(actual, expected, meta.reference[stage]!, alternatives, sampling, tier);
    if (judgement.check !== null)
      return { ...measured(stage, judgement), status: 'failed', reason: whyFailed(stage, judgement, agreed) };
    agreed.push(stage);
    flipped ||= judgement.flips.length > 0;
    if (worst === undefined || judgement.ratio > worst.judgement.ratio) worst = { stage, judgement };
  }
  if (worst === undefined)
    return {
      ...immeasurable,
      status: 'passed',
      stage: 'attribution',
      check: null,
      reason: 'judged by its claims alone: no stage was given that is compared',
    };
  return {
    ...measured(worst.stage, worst.judgement),
    status: 'passed',
    reason: howPassed(tier, flipped, unknownStages(golden, stages)),
  };
}

/** Whether the claimed stages are there (as in `judge`), have their shapes and are finite; null: they do. Whether the claims hold is another question. */
export function judgeClaimed({ meta }: Golden, stages: Stages, everyStage: boolean): Verdict | null {
  for (const [stage, shape] of Object.entries(meta.claimed)) {
    const actual = stageOf(stages, stage);
    if (actual === undefined) {
      if (everyStage || stage === 'attribution') return missing(stage);
      continue;
    }
    const failed = { ...immeasurable, status: 'failed', stage } as const;
    if (!sameShape(actual.shape, shape))
      return {
        ...failed,
        check: 'shape',
        reason: `stage "${stage}" has shape [${actual.shape.slice(0, 8).join(',')}], golden [${shape.join(',')}]`,
      };
    if (!actual.data.every(Number.isFinite))
      return { ...failed, check: 'non-finite', reason: `stage "${stage}" holds NaN or ±∞` };
  }
  return null;
}

function stageOf(stages: Stages, stage: string): HostTensor | undefined {
  return Object.hasOwn(stages, stage) ? stages[stage] : undefined;
}

function measured(stage: string, { check, e2, eMax, allowed, ratio }: Judgement): Omit<Verdict, 'status' | 'reason'> {
  return {
    stage,
    check,
    e2: finite(e2),
    eMax: finite(eMax),
    allowed: allowed.e2,
    allowedMax: allowed.eMax,
    ratio: finite(ratio),
  };
}

/** JSON has no ∞: null stands for what cannot be measured. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

const immeasurable = { e2: null, eMax: null, allowed: null, allowedMax: null, ratio: null };

function missing(stage: string): Verdict {
  return {
    ...immeasurable,
    status: 'failed',
    stage,
    check: 'stages',
    reason: `there is no stage "${stage}" in the answer`,
  };
}

function whyFailed(stage: string, judgement: Judgement, agreed: readonly string[]): string {
  const others = agreed.length === 0 ? '' : ` (${agreed.join(', ')} ${agreed.length === 1 ? 'agrees' : 'agree'})`;
  return [`differs from the golden at stage "${stage}"${others}`, ...describeMismatch(judgement)].join('\n');
}

function howPassed(tier: Tier, flipped: boolean, unknown: readonly string[]): string | null {
  const notes = [
    ...(tier === 'float16' ? ['degraded: judged as half precision'] : []),
    ...(flipped ? ['agrees with the stored answer of a unit at a kink on its other side'] : []),
    ...(unknown.length > 0
      ? [`stages that the golden does not know were not judged: ${unknown.slice(0, 5).join(', ')}`]
      : []),
  ];
  return notes.length === 0 ? null : notes.join('; ');
}

function unknownStages({ meta }: Golden, stages: Stages): string[] {
  return Object.keys(stages).filter((stage) => !meta.stages.includes(stage));
}
