import { TouchstoneError, type CaseRow } from '@touchstone/contract';

/**
 * The case that times a method: its first in the quick profile.
 * @throws TouchstoneError `unsupported` where there is none
 */
export function quickCase(cases: readonly CaseRow[], method: string): CaseRow {
  const row = cases.find((known) => known.method === method && known.profile === 'quick');
  if (row === undefined)
    throw new TouchstoneError(
      'unsupported',
      `${method} cannot be timed: golden/cases.jsonl has no quick case of it`,
      'Add one; see "Adding a case" in CONTRIBUTING.md.',
    );
  return row;
}
