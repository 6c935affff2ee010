import type { Footer, Outcome, Status } from '@touchstone/contract';

/** The case of one method on one backend that came nearest to what is allowed, or went furthest beyond. */
export interface WorstRatio {
  readonly method: string;
  readonly backend: string;
  /** Outcomes that passed or failed. */
  readonly judged: number;
  /** 1 is just allowed; null: one failed that cannot be measured (shape, NaN, a missing stage). */
  readonly ratio: number | null;
  readonly case: string;
  readonly stage: string | null;
}

export interface Summary extends Readonly<Record<Status, number>> {
  readonly worst: readonly WorstRatio[];
  /** Reason of a skip → how often. */
  readonly skips: Readonly<Record<string, number>>;
  /** What is wrong with expectations.jsonc in view of the outcomes. */
  readonly findings: readonly string[];
  /** Damaged goldens among the errored. */
  readonly damaged: number;
  /** False: interrupted. */
  readonly complete: boolean;
}

export function summarise(outcomes: readonly Outcome[], findings: readonly string[], complete: boolean): Summary {
  const count = (status: Status): number => outcomes.filter((outcome) => outcome.status === status).length;
  const skips: Record<string, number> = {};
  for (const { status, reason } of outcomes) {
    if (status === 'skipped') skips[reason ?? ''] = (skips[reason ?? ''] ?? 0) + 1;
  }
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    errored: count('errored'),
    worst: worstRatios(outcomes),
    skips,
    findings,
    damaged: outcomes.filter((outcome) => outcome.check === 'golden').length,
    complete,
  };
}

/**
 * The exit status of a run: 5 a golden is damaged · 1 something failed, or expectations.jsonc is not true any more ·
 * 4 something errored, was interrupted, or nothing was judged at all · 0 fine.
 */
export function exitStatus(summary: Summary): 0 | 1 | 4 | 5 {
  if (summary.damaged > 0) return 5;
  if (summary.failed > 0 || summary.findings.length > 0) return 1;
  if (summary.errored > 0 || !summary.complete || summary.passed === 0) return 4;
  return 0;
}

function worstRatios(outcomes: readonly Outcome[]): WorstRatio[] {
  const worst = new Map<string, WorstRatio>();
  for (const { method, backend, status, ratio, stage, case: id } of outcomes) {
    if (status !== 'passed' && status !== 'failed') continue;
    const key = JSON.stringify([method, backend]);
    const known = worst.get(key);
    const judged = (known?.judged ?? 0) + 1;
    worst.set(
      key,
      known === undefined || isWorse({ ratio }, known)
        ? { method, backend, judged, ratio, case: id, stage }
        : { ...known, judged },
    );
  }
  return [...worst.values()];
}

function isWorse({ ratio }: Pick<WorstRatio, 'ratio'>, than: Pick<WorstRatio, 'ratio'>): boolean {
  return than.ratio !== null && (ratio === null || ratio > than.ratio);
}

/** Of all methods together. */
export function worstByBackend({ worst }: Pick<Summary, 'worst'>): Footer['worst'] {
  const found: Footer['worst'] = {};
  for (const { backend, ratio, case: id, stage } of worst) {
    const known = found[backend];
    if (known === undefined || isWorse({ ratio }, known)) found[backend] = { ratio, case: id, stage };
  }
  return found;
}
