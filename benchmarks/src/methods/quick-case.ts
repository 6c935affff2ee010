import { TouchstoneError, type CaseRow } from '@touchstone/contract';

/**
 * The case by which a method is timed: its first of the quick profile.
 * @throws TouchstoneError `unsupported` where there is none
 */
export function quickCase(cases: readonly CaseRow[], method: string): CaseRow {
  const row = cases.find((known) => known.method === method && known.profile === 'quick');
  if (row === undefined)
    throw new TouchstoneError(
      'unsupported',
      `there is no benchmark of ${method}: golden/cases.jsonl has no quick case of it`,
      'Add one; see CONTRIBUTING.md, "Adding a case".',
    );
  return row;
}
