/** Tests a law on a subject in this process or page. Nothing here needs Node. */
import fc from 'fast-check';
import { TouchstoneError } from '@touchstone/contract';
import type { Extension } from '@touchstone/session/page';
import type { Course, Law, Subject } from './law.js';
import { findLaw } from './laws.js';
import { ownSubject } from './own-subject.js';

interface Tested {
  /** The law's id. */
  readonly law: string;
  readonly seed: number;
  /** Examples on which the law was tested and held. */
  readonly judged: number;
  /** Examples too near a switch point, where rounding decides. */
  readonly skipped: number;
  /** Examples that a port did not answer. */
  readonly unanswered: number;
}

export interface CounterExample {
  /** fast-check's path to it. */
  readonly path: string;
  /** What differs, and where. */
  readonly difference: string;
  /** The shrunk networks, weights and images as text, cut to a length. */
  readonly example: string;
  readonly shrinks: number;
}

export type LawResult =
  | (Tested & { readonly status: 'held' })
  /** It was tested on no example. */
  | (Tested & { readonly status: 'skipped'; readonly reason: string })
  | (Tested & { readonly status: 'broken'; readonly counterExample: CounterExample });

export interface HoldOptions {
  readonly seed: number;
  readonly runs: number;
  /** Of one example, which alone is tested. */
  readonly path?: string | undefined;
  readonly shrink?: boolean;
}

/** The question to the process or page where the backend is open. */
export interface LawQuestion {
  readonly law: string;
  readonly options: HoldOptions;
}

/** Before each example; false: the run is interrupted. */
export type Proceed = () => Promise<boolean>;

/** Tests a law on the open backend. */
export function holdExtension(proceed?: Proceed): Extension {
  return (question, { backend, info }) => {
    const { law, options } = question as LawQuestion;
    const { id, deterministic } = backend;
    return holdTo(findLaw(law), ownSubject({ id, deterministic, precision: info.precision }), options, proceed);
  };
}

/** How long a counter-example is shrunk, in milliseconds. */
const shrinkTime = 120_000;

export async function holdTo(
  law: Law,
  subject: Subject,
  { seed, runs, path, shrink = true }: HoldOptions,
  proceed: Proceed = async () => true,
): Promise<LawResult> {
  const none = { law: law.id, seed, judged: 0, skipped: 0, unanswered: 0 };
  if (subject.inside === null && law.needs !== undefined)
    return { ...none, status: 'skipped', reason: `a port has no ${law.needs}` };
  const course = new Counter(proceed);
  const details = await fc.check(law.property(subject, course), {
    seed,
    numRuns: path === undefined ? runs : 1,
    endOnFailure: !shrink,
    ...(path === undefined ? {} : { path }),
  });
  const { count, reasons } = course;
  const counts = { ...none, ...count, skipped: details.numSkips };
  if (details.failed) return { ...counts, status: 'broken', counterExample: counterExampleOf(details) };
  if (count.judged > 0) return { ...counts, status: 'held' };
  const [reason = 'rounding decides all examples'] = mostFrequent(reasons);
  return { ...counts, status: 'skipped', reason };
}

/** Counts until the law fails; after that it is shrunk, for a limited time. */
class Counter implements Course {
  readonly count = { judged: 0, unanswered: 0 };
  readonly reasons: string[] = [];
  readonly proceed: Proceed;
  #failedAt: number | undefined;

  constructor(proceed: Proceed) {
    this.proceed = async () =>
      (this.#failedAt === undefined || performance.now() - this.#failedAt < shrinkTime) && proceed();
  }

  judged(): void {
    if (this.#failedAt === undefined) this.count.judged++;
  }

  unanswered(reason: string): void {
    if (this.#failedAt !== undefined) return;
    this.count.unanswered++;
    this.reasons.push(reason);
  }

  failed(): void {
    this.#failedAt ??= performance.now();
  }
}

function mostFrequent(texts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([text]) => text);
}

const maxExampleLength = 6000;

function counterExampleOf({
  numShrinks,
  counterexample,
  counterexamplePath,
  errorInstance,
}: fc.RunDetails<[unknown]>): CounterExample {
  const example = counterexample ? fc.stringify(counterexample[0]) : '';
  const rest = example.length - maxExampleLength;
  return {
    path: counterexamplePath ?? '',
    difference: differenceOf(errorInstance),
    example: rest > 0 ? `${example.slice(0, maxExampleLength)} … ${rest} more characters` : example,
    shrinks: numShrinks,
  };
}

function differenceOf(error: unknown): string {
  if (!(error instanceof Error)) return 'too many examples were skipped';
  const isForPeople = error.name === 'Disagreement' || error instanceof TouchstoneError;
  return isForPeople ? error.message : (error.stack ?? error.message);
}
