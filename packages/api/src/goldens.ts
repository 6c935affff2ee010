import { unknownName, type CaseRow } from '@touchstone/contract';
import { openGolden, type GoldenStore } from '@touchstone/harness';
import { findGolden } from '@touchstone/system';

export interface GoldenOptions {
  /** Folder with goldens; left out: golden/ of the clone, else of the installed package `touchstone-golden`. */
  readonly golden?: string | undefined;
}

/** Those of this process, by their folder: a program of tests asks for many cases. */
const opened = new Map<string, GoldenStore>();

/** @throws TouchstoneError `missing-package` where none are installed; `golden-damaged` */
export function openGoldens({ golden = findGolden() }: GoldenOptions): GoldenStore {
  const store = opened.get(golden) ?? openGolden(golden);
  opened.set(golden, store);
  return store;
}

/** @throws TouchstoneError `unknown-name` */
export function findCase(store: GoldenStore, id: string): CaseRow {
  const row = store.cases.find((known) => known.id === id);
  if (row !== undefined) return row;
  throw unknownName(
    'case',
    id,
    store.cases.map((known) => known.id),
  );
}
