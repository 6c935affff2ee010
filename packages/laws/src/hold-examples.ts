import type { LawResult } from './hold.js';
import type { Law } from './law.js';
import type { LawSession } from './law-session.js';

export interface ExamplesWanted {
  readonly seed: number;
  /** Examples on which the law is to be tested. */
  readonly runs: number;
  /** Of one example, which alone is tested. */
  readonly path?: string | undefined;
  /** Examples at a time: a part of them draws from a seed of its own, which a report names. */
  readonly part: number;
  /** Ends the test after a part; it is asked after each, and with the examples that were judged. */
  readonly isEnough?: (judged: number) => boolean;
}

/** A port that answers few examples is asked so many times more of them than are wanted. */
const mostUnanswered = 10;

/** Tests a law part by part. */
export async function holdExamples(session: LawSession, law: Law, wanted: ExamplesWanted): Promise<LawResult> {
  const { seed, runs, path, part, isEnough = () => false } = wanted;
  if (path !== undefined) return session.hold(law, { seed, runs: 1, path });
  let sum: LawResult | undefined;
  for (let next = seed, asked = 0; asked < mostUnanswered * runs; next++) {
    const left = runs - (sum?.judged ?? 0);
    const result = await session.hold(law, { seed: next, runs: Math.min(part, left) });
    asked += Math.min(part, left);
    sum = sum === undefined ? result : together(sum, result);
    const neverAnswers = result.judged === 0 && result.unanswered === 0;
    if (sum.status === 'broken' || sum.judged >= runs || neverAnswers || isEnough(sum.judged)) break;
  }
  return sum!;
}

/** The counts of both; broken if the second is, held if one of them is. */
function together(first: LawResult, second: LawResult): LawResult {
  return {
    ...(second.status === 'broken' || first.status === 'skipped' ? second : first),
    judged: first.judged + second.judged,
    skipped: first.skipped + second.skipped,
    unanswered: first.unanswered + second.unanswered,
  };
}
