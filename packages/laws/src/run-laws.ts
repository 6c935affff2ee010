/** Holds a backend to the laws, one after another. */
import { randomInt } from 'node:crypto';
import type { LawResult } from './hold.js';
import { openKeeper } from './keeper.js';
import { findLaw, laws } from './laws.js';

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

/** As many as keep the tests of the package under a minute on two cores. */
export const defaultRuns = 100;

export function freshSeed(): number {
  return randomInt(2 ** 31);
}

/**
 * Opens the backend and yields a result per law, in order.
 * @throws TouchstoneError `unknown-name`, `backend-unavailable`
 */
export async function* runLaws({
  backend,
  seed = freshSeed(),
  runs = defaultRuns,
  law,
  path,
}: RunOptions): AsyncGenerator<LawResult> {
  const chosen = law === undefined ? laws : [findLaw(law)];
  const keeper = await openKeeper(backend);
  try {
    for (const each of chosen) yield await keeper.hold(each, { seed, runs, path });
  } finally {
    await keeper.close();
  }
}
