/** Holds a backend to the laws, and tells how to see a counter-example again. */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { TouchstoneError } from '@touchstone/contract';
import { findBackend } from '@touchstone/backends';
import { explain, findMethod } from '@touchstone/methods';
import { deconvRelu, guidedRelu, plainRelu, resizeBilinear } from '@touchstone/network';
import { findLaw, laws } from './laws.js';
import type { Law, Subject } from './law.js';

export interface RunOptions {
  /** Id of a backend. All backends of a process share one TF.js engine: one per process. */
  readonly backend: string;
  /** A fresh one unless given. */
  readonly seed?: number | undefined;
  /** Examples per law. */
  readonly runs?: number | undefined;
  /** Id of the only law to run. */
  readonly law?: string | undefined;
  /** Where a counter-example was; needs the seed and the law. */
  readonly path?: string | undefined;
}

export interface LawResult {
  readonly law: Law;
  readonly status: 'held' | 'broken';
  readonly seed: number;
  /** Examples on which the law was held to. */
  readonly runs: number;
  /** Examples too near a kink, where rounding decides. */
  readonly skipped: number;
  /** Where the counter-example is found again. */
  readonly path: string | null;
  /** The counter-example for a person: what disagrees, the shrunk example, how to replay. */
  readonly report: string | null;
}

/** As many as keep the tests of the package under a minute on two cores. */
export const defaultRuns = 100;

export function freshSeed(): number {
  return randomInt(2 ** 31);
}

/**
 * Opens the backend and yields a result per law, in order.
 * @throws TouchstoneError `unknown-name`, `backend-unavailable`
 */
export async function* runLaws({ backend, seed = freshSeed(), runs = defaultRuns, law, path }: RunOptions): AsyncGenerator<LawResult> {
  const chosen = law === undefined ? laws : [findLaw(law)];
  const subject = await openSubject(backend);
  for (const each of chosen) yield await holdTo(each, subject, { seed, runs, path });
}

/** The methods as they are, on a backend that is opened in this process. */
export async function openSubject(id: string): Promise<Subject> {
  const backend = findBackend(id);
  await backend.open();
  const availability = await backend.probe();
  if (availability.status === 'unavailable') throw new TouchstoneError('backend-unavailable', `backend "${id}": ${availability.reason}`);
  return {
    backend: id,
    precision: availability.precision,
    deterministic: backend.deterministic,
    explain: async (method, explanation) => (await explain(findMethod(method), explanation)).stages,
    relu: { plain: plainRelu, deconv: deconvRelu, guided: guidedRelu },
    resize: resizeBilinear,
  };
}

export async function holdTo(law: Law, subject: Subject, { seed, runs, path, shrink = true }: { seed: number; runs: number; path?: string | undefined; shrink?: boolean }): Promise<LawResult> {
  const details = await fc.check(law.property(subject), { seed, numRuns: runs, endOnFailure: !shrink, ...(path === undefined ? {} : { path }) });
  const counts = { law, seed, runs: details.numRuns, skipped: details.numSkips };
  if (!details.failed) return { ...counts, status: 'held', path: null, report: null };
  return { ...counts, status: 'broken', path: details.counterexamplePath, report: reportOf(law, subject, details) };
}

const longest = 6000;

function reportOf({ id, title, why }: Law, { backend }: Subject, { seed, numShrinks, counterexample, counterexamplePath, errorInstance }: fc.RunDetails<[unknown]>): string {
  const error = errorInstance instanceof Error ? (errorInstance.name === 'Disagreement' ? errorInstance.message : (errorInstance.stack ?? errorInstance.message)) : 'too many examples were skipped';
  const example = counterexample ? fc.stringify(counterexample[0]) : '';
  return [
    `✗ ${id} on ${backend}: ${title}`,
    `  ${error}`,
    `  catches: ${why}`,
    `  replay: TOUCHSTONE_LAW=${id} TOUCHSTONE_SEED=${seed} TOUCHSTONE_PATH=${counterexamplePath ?? ''} npx vitest run src/${backend}.test.ts (in packages/laws)`,
    `  example, shrunk ${numShrinks} times:`,
    `  ${example.length > longest ? `${example.slice(0, longest)} … ${example.length - longest} more characters` : example}`,
  ].join('\n');
}
