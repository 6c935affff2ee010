import { plainText, type Failed, type Header, type Outcome, type Passed, type Status } from '@touchstone/contract';
import { figure } from './figures.js';

/** The outcomes of one method on one backend. */
export interface Tally {
  readonly method: string;
  readonly backend: string;
  readonly counts: Readonly<Record<Status, number>>;
  /** The judged outcome with the largest error/allowed; null: none was judged. */
  readonly worst: Passed | Failed | null;
}

/** Rows method × backend, in order of first appearance: methods, then backends. */
export function tallies(outcomes: readonly Outcome[]): Tally[] {
  const rank = new Map([...new Set(outcomes.map((o) => o.backend))].map((backend, index) => [backend, index]));
  const byMethod = new Map<string, Map<string, Outcome[]>>();
  for (const outcome of outcomes) {
    const { method, backend } = outcome;
    const mine = byMethod.get(method) ?? new Map<string, Outcome[]>();
    byMethod.set(method, mine.set(backend, mine.get(backend) ?? []));
    mine.get(backend)!.push(outcome);
  }
  return [...byMethod].flatMap(([method, mine]) =>
    [...mine]
      .toSorted(([a], [b]) => rank.get(a)! - rank.get(b)!)
      .map(([backend, some]) => ({ method, backend, counts: countStatuses(some), worst: worstOf(some) })),
  );
}

/** `✓ 12 of 14 (0.3)`: how many passed, or how many did not, and the largest error/allowed. */
export function tallyText({ counts, worst }: Tally): string {
  const { passed, failed, skipped, errored } = counts;
  const ratio = worst ? ` (${figure(ratioOf(worst))})` : '';
  if (failed + errored > 0) return `✗ ${failed + errored} of ${passed + failed + skipped + errored}${ratio}`;
  if (passed === 0) return `– ${skipped} skipped`;
  return `✓ ${passed}${skipped > 0 ? ` of ${passed + skipped}` : ''}${ratio}`;
}

const allMethods = 'all methods';

/** All methods together, one row for each backend. */
export function totals(outcomes: readonly Outcome[]): Tally[] {
  return tallies(outcomes.map((outcome) => ({ ...outcome, method: allMethods })));
}

/** The outcomes without those of unavailable backends, whose common reason is printed once. */
export function withoutUnavailable(outcomes: readonly Outcome[], unavailable: Header['unavailable']): Outcome[] {
  const missing = new Set(unavailable.map(({ id }) => id));
  return outcomes.filter(({ backend }) => !missing.has(backend));
}

export function countStatuses(outcomes: readonly Outcome[]): Record<Status, number> {
  const counts = { passed: 0, failed: 0, skipped: 0, errored: 0 };
  for (const { status } of outcomes) counts[status]++;
  return counts;
}

/** `3 skipped on wasm: too large`: why cases were skipped, and what is to be said of cases that passed. */
export function skipReasons(outcomes: readonly Outcome[]): string[] {
  const byReason = new Map<string, number>();
  for (const { status, backend, reason } of outcomes) {
    if (reason === null || (status !== 'skipped' && status !== 'passed')) continue;
    const key = `${status} on ${plainText(backend, 40)}: ${plainText(reason, 160)}`;
    byReason.set(key, (byReason.get(key) ?? 0) + 1);
  }
  return [...byReason].map(([reason, count]) => `${count} ${reason}`);
}

/** How many cases a port did not answer. */
export function unansweredOf(outcomes: readonly Outcome[]): number {
  return outcomes.filter((outcome) => outcome.status === 'skipped' && outcome.unanswered).length;
}

/** How many cases failed as expectations.jsonc expects. */
export function knownFailuresOf(outcomes: readonly Outcome[]): number {
  return outcomes.filter((outcome) => outcome.status === 'skipped' && outcome.expected).length;
}

/** The counts in one line. Cases that a port did not answer are no skips like others: they are said of all cases. */
export function countsText(outcomes: readonly Outcome[]): string {
  const { passed, failed, skipped, errored } = countStatuses(outcomes);
  const unanswered = unansweredOf(outcomes);
  if (unanswered === 0) return `${passed} passed, ${failed} failed, ${skipped} skipped, ${errored} errored`;
  const others = { failed, errored, skipped: skipped - unanswered };
  const bad = Object.entries(others).flatMap(([status, count]) => (count > 0 ? [`${count} ${status}`] : []));
  return [`${passed} passed`, ...bad, `${unanswered} of ${outcomes.length} not answered`].join(', ');
}

/** error/allowed; ∞ for a failure without a distance, such as a wrong shape; null: not judged. */
export function ratioOf(outcome: Outcome): number | null {
  if (outcome.status === 'failed') return outcome.ratio ?? Infinity;
  return outcome.status === 'passed' ? (outcome.ratio ?? null) : null;
}

function worstOf(outcomes: readonly Outcome[]): Passed | Failed | null {
  let worst: Passed | Failed | null = null;
  for (const outcome of outcomes) {
    if (outcome.status !== 'passed' && outcome.status !== 'failed') continue;
    const ratio = ratioOf(outcome);
    if (ratio !== null && (worst === null || ratio > ratioOf(worst)!)) worst = outcome;
  }
  return worst;
}
