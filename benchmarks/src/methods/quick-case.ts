import { TouchstoneError, type CaseRow } from '@touchstone/contract';
import { openGolden, requestFor } from '@touchstone/harness';
import { findMethod } from '@touchstone/methods';
import type { ExplainRequest } from '@touchstone/session';

/**
 * The case that times a method: its first in the quick profile.
 * @throws TouchstoneError `unsupported` where there is none
 */
export function quickCase(cases: readonly CaseRow[], method: string): CaseRow {
  const row = cases.find(isQuickOf(method));
  if (row === undefined)
    throw new TouchstoneError(
      'unsupported',
      `${method} cannot be timed: golden/cases.jsonl has no quick case of it`,
      'Add one; see "Adding a case" in CONTRIBUTING.md.',
    );
  return row;
}

/** What it asks. @throws TouchstoneError as `quickCase`; `unknown-name` */
export function quickRequest(golden: string, method: string): ExplainRequest {
  const store = openGolden(golden);
  const row = quickCase(store.cases, findMethod(method).id);
  return requestFor(row, store.readCase(row));
}

export function isQuickOf(id: string): (row: CaseRow) => boolean {
  return ({ method, profile }) => method === id && profile === 'quick';
}
