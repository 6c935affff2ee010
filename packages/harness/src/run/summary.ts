import type { Control, Footer, Found, Outcome, Status } from '@touchstone/contract';

/** The case of one method on one backend with the largest ratio of error to what is allowed. */
export interface WorstRatio {
  readonly method: string;
  readonly backend: string;
  /** Outcomes that passed or failed. */
  readonly judged: number;
  /** At most 1 passes; Infinity: a case without a distance failed (shape, NaN, a missing stage). */
  readonly ratio: number;
  readonly case: string;
  readonly stage: string;
}

export interface Summary extends Found {
  readonly worst: readonly WorstRatio[];
  /** Reason of a skip → number of cases. */
  readonly skips: Readonly<Record<string, number>>;
  /** What ports did against the rules of ports, so that the run is not complete. */
  readonly faults: readonly string[];
}

/** @param named methods that were asked for by name; `shard`: all parts together are asked */
export function summarise(
  outcomes: readonly Outcome[],
  findings: readonly string[],
  faults: readonly string[],
  complete: boolean,
  named: readonly string[] | 'shard' = [],
): Summary {
  const count = (status: Status): number => outcomes.filter((outcome) => outcome.status === status).length;
  const skips: Record<string, number> = {};
  for (const { status, reason } of outcomes) {
    if (status === 'skipped') skips[reason] = (skips[reason] ?? 0) + 1;
  }
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    errored: count('errored'),
    worst: worstRatios(outcomes),
    skips,
    findings,
    faults,
    isShard: named === 'shard',
    notJudged: (named === 'shard' ? [] : named).filter((id) =>
      outcomes.every(({ method, status }) => method !== id || status === 'skipped'),
    ),
    damaged: outcomes.filter((outcome) => outcome.status === 'errored' && outcome.code === 'golden-damaged').length,
    complete: complete && faults.length === 0,
  };
}

function worstRatios(outcomes: readonly Outcome[]): WorstRatio[] {
  const worst = new Map<string, WorstRatio>();
  for (const outcome of outcomes) {
    if (outcome.status !== 'passed' && outcome.status !== 'failed') continue;
    const { method, backend, stage, case: id } = outcome;
    const ratio = outcome.ratio ?? (outcome.status === 'failed' ? Infinity : 0);
    const key = JSON.stringify([method, backend]);
    const known = worst.get(key);
    const judged = (known?.judged ?? 0) + 1;
    worst.set(
      key,
      known === undefined || ratio > known.ratio
        ? { method, backend, judged, ratio, case: id, stage }
        : { ...known, judged },
    );
  }
  return [...worst.values()];
}

/** Of all methods together. No ratio if a case without a distance failed, because JSON has no ∞. */
export function worstByBackend({ worst }: Pick<Summary, 'worst'>): Footer['worst'] {
  const found = new Map<string, WorstRatio>();
  for (const row of worst) {
    const known = found.get(row.backend);
    if (known === undefined || row.ratio > known.ratio) found.set(row.backend, row);
  }
  return Object.fromEntries(
    [...found].map(([backend, { ratio, case: id, stage }]) => [
      backend,
      { ...(Number.isFinite(ratio) ? { ratio } : {}), case: id, stage },
    ]),
  );
}

export function footerOf(summary: Summary, controls: readonly Control[], milliseconds: number): Footer {
  const { passed, failed, skipped, errored, findings, notJudged } = summary;
  return {
    kind: 'footer',
    passed,
    failed,
    skipped,
    errored,
    worst: worstByBackend(summary),
    ...(findings.length > 0 && { findings: [...findings] }),
    ...(notJudged.length > 0 && { notJudged: [...notJudged] }),
    ...(controls.length > 0 && { controls: [...controls] }),
    milliseconds: Math.round(milliseconds),
  };
}
