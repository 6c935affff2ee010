/** Judges stages that were computed elsewhere against the golden of a case. */
import { unknownName, type CaseRow, type Outcome, type Stages } from '@touchstone/contract';
import type { Layout } from '@touchstone/port';
import { shapesOf, type Golden } from '../golden/golden-file.js';
import type { GoldenStore } from '../golden/golden-store.js';
import { judge } from '../judge/judge.js';
import { Oracle } from '../judge/oracle.js';
import { answeredElsewhere, elsewhere } from '../port/files-port.js';
import { requestFor } from '../port/request-for.js';

export interface JudgeAnswerOptions {
  readonly golden: GoldenStore;
  /** The only stage that is judged; left out: all that are given, and `attribution` must be. */
  readonly stage?: string | undefined;
  /** Of the answer, for what is said of it. */
  readonly layout?: Layout | undefined;
  /** How the outcome names what answered. */
  readonly name: string;
  /** How long a cause may be looked for; 0: none is. */
  readonly causeMs: number;
}

/**
 * @param answerFor the stages, once their right shapes are known
 * @throws TouchstoneError `golden-damaged`, `missing-package`, `unknown-name`, and what `answerFor` throws
 */
export async function judgeAnswer(
  row: CaseRow,
  answerFor: (shapes: Readonly<Record<string, readonly number[]>>) => Stages,
  { golden, stage, layout, name, causeMs }: JudgeAnswerOptions,
): Promise<Outcome> {
  golden.checkCases([row]);
  const stored = golden.readCase(row);
  const request = requestFor(row, stored);
  const expected = stage === undefined ? stored.golden : only(stored.golden, stage);
  const answer = answeredElsewhere(answerFor(shapesOf(expected)));
  const limit = AbortSignal.timeout(causeMs);
  const oracle = new Oracle({ deadlineMs: causeMs, signal: limit }, 'one');
  try {
    const decision = await judge(
      expected,
      [],
      request,
      answer,
      { ...elsewhere, language: 'javascript', layout },
      oracle,
    );
    const { id, method, network } = row;
    const outcome = { kind: 'outcome', case: id, method, network, backend: name, ...decision } as Outcome;
    return limit.aborted && outcome.status === 'failed'
      ? { ...outcome, reason: inTime(outcome.reason, causeMs) }
      : outcome;
  } finally {
    oracle.stop();
  }
}

/** The reason of a failure whose cause was not found in time. */
function inTime(reason: string, causeMs: number): string {
  const says = causeMs === 0 ? '' : `no cause was found within ${causeMs / 1000} s: allow more with causeSeconds`;
  return reason.replace(/^no cause could be sought: .*$/m, says).trimEnd();
}

/** The golden with one stage. @throws TouchstoneError `unknown-name` */
function only({ meta, stages, flips, ...golden }: Golden, stage: string): Golden {
  if (!meta.stages.includes(stage)) throw unknownName('stage', stage, meta.stages);
  const isKept = ([name]: [string, unknown]): boolean => name === stage;
  return {
    ...golden,
    meta: { ...meta, stages: [stage] },
    stages: Object.fromEntries(Object.entries(stages).filter(isKept)),
    flips: flips.map((flip) => Object.fromEntries(Object.entries(flip).filter(isKept))),
  };
}
