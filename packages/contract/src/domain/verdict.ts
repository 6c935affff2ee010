import { counted } from '../counted.js';
import type { Footer, Header, Outcome, Status } from './outcome.js';
import type { Results } from './parse-results.js';

/** What decides over the exit status of a run. */
export interface Found extends Readonly<Record<Status, number>> {
  /** Rows of expectations.jsonc that the outcomes contradict, and too many skips. */
  readonly findings: readonly string[];
  /** Methods that were asked for by name, and of which nothing was judged. */
  readonly notJudged: readonly string[];
  /** Damaged goldens among the errored. */
  readonly damaged: number;
  /** False: interrupted, or a port broke the rules. */
  readonly complete: boolean;
  /** One of several parts of a plan, in which nothing need pass: they are judged together. */
  readonly isShard?: boolean | undefined;
}

export type RunStatus = 0 | 1 | 4 | 5;

/**
 * The exit status of a run: 5 a golden is damaged · 1 something failed, or a finding · 4 something errored, was
 * interrupted, or nothing was judged at all or of a method that was named · 0 fine.
 */
export function exitStatusOf(found: Found): RunStatus {
  if (found.damaged > 0) return 5;
  if (found.failed > 0 || found.findings.length > 0) return 1;
  if (found.errored > 0 || !found.complete || found.notJudged.length > 0) return 4;
  if (found.passed === 0 && found.isShard !== true) return 4;
  return 0;
}

/** What a run comes to. */
export interface Verdict {
  readonly exitStatus: RunStatus;
  /** `incomplete`: no footer, whatever its outcomes. `errored`: something broke, or nothing was judged. */
  readonly kind: 'passed' | 'failed' | 'errored' | 'incomplete' | 'damaged';
  /** Why it did not pass, apart from the outcomes that failed or errored: a sentence each. */
  readonly reasons: readonly string[];
  /** Of these, rows of expectations.jsonc that the outcomes contradict, and too many skips. */
  readonly findings: readonly string[];
}

/** @param findings in addition to those of the footer */
export function verdictOf({ header, outcomes, footer }: Results, findings: readonly string[] = []): Verdict {
  const { findings: earlier = [], notJudged = [] }: Partial<Footer> = footer ?? {};
  const damaged = outcomes.filter((outcome) => outcome.status === 'errored' && outcome.code === 'golden-damaged');
  const found: Found = {
    ...countOf(outcomes),
    findings: [...new Set(earlier.concat(findings))],
    notJudged,
    damaged: damaged.length,
    complete: footer !== null,
    isShard: (header.plan?.shards ?? 1) > 1 && header.plan!.shard !== null && outcomes.length > 0,
  };
  const exitStatus = exitStatusOf(found);
  const isNothing = footer !== null && !found.isShard && outcomes.every(({ status }) => status === 'skipped');
  const reasons = [
    ...(footer === null ? ['the run is incomplete: it did not end, or a port broke the rules'] : []),
    ...(isNothing ? ['nothing was judged'] : notJudged.map((method) => `nothing was judged of ${method}`)),
    ...found.findings,
  ];
  const kinds = { 0: 'passed', 1: 'failed', 4: 'errored', 5: 'damaged' } as const;
  const kind = footer === null && exitStatus !== 5 ? 'incomplete' : kinds[exitStatus];
  return { exitStatus, kind, reasons, findings: found.findings };
}

function countOf(outcomes: readonly Outcome[]): Record<Status, number> {
  const counts = { passed: 0, failed: 0, skipped: 0, errored: 0 };
  for (const { status } of outcomes) counts[status]++;
  return counts;
}

/** How many cases may be skipped: a number, or a percentage of all. */
export interface SkipLimit {
  readonly count: number;
  readonly unit: 'cases' | '%';
}

/**
 * A finding where more was skipped. Not counted: cases of unavailable backends, which `--require` judges, and known
 * failures, which were run.
 */
export function skipFindings(
  outcomes: readonly Outcome[],
  unavailable: Header['unavailable'],
  limit: SkipLimit | undefined,
): string[] {
  if (limit === undefined) return [];
  const missing = new Set(unavailable.map(({ id }) => id));
  const ran = outcomes.filter(({ backend }) => !missing.has(backend));
  const skipped = ran.filter((outcome) => outcome.status === 'skipped' && !outcome.expected).length;
  const share = limit.unit === '%' ? (100 * skipped) / Math.max(1, ran.length) : skipped;
  if (share <= limit.count) return [];
  const allowed = limit.unit === '%' ? `${limit.count} %` : String(limit.count);
  return [`${skipped} of ${counted(ran.length, 'case')} skipped or not answered, and --max-skipped allows ${allowed}`];
}
