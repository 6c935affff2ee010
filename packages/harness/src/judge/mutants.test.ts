/** The harness rejects every mutant, by a named check, on real goldens, and accepts the correct method. */
import { beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import type { CaseRow } from '@touchstone/contract';
import { explain, findMethod, mutants } from '@touchstone/methods';
import { cases, rejectionOf, type Run } from '../testing/rejections.js';

beforeAll(() => findBackend('float64').open());

/** These once rested on a single case. tools/harness/mutants.mjs says it of every mutant. */
const twice = new Set([
  'relu-open-at-zero',
  'divisor-ignored',
  'cam-first-call',
  'sample-variance',
  'root-of-mean-squares',
  'gradient-norm-of-batch',
  'step-too-many',
  'display-sample-std',
  'display-unclipped',
]);

describe.each([...new Set(mutants.flatMap(({ of }) => of))])('%s', (id) => {
  const method = findMethod(id);
  const rows = cases.filter((row) => row.method === id);
  const rejecting = new Set<CaseRow>();

  it.each(mutants.filter(({ of }) => of.includes(id)).map((mutant) => [mutant.id, mutant] as const))(
    '%s is rejected',
    async (_name, mutant) => {
      const run: Run = (explained) => mutant.explain(method, explained);
      const rejected = await rejectionOf(method, rows, run, twice.has(mutant.id) ? 2 : 1);
      for (const row of rejected.rows) rejecting.add(row);
      console.info(`${mutant.id} of ${id}: ${rejected.plain ?? 'accepted'}`);
      expect(rejected.plain, mutant.fault).toMatch(/^(shape|non-finite|e2|eMax|stages|postcondition) at stage /);
      expect(rejected.sampled, `${mutant.fault}, where goldens keep samples`).toMatch(
        /^(shape|non-finite|e2|eMax|stages|postcondition) at stage /,
      );
    },
  );

  it('itself is accepted in the cases that reject its mutants', async () => {
    const correct: Run = async (explained) => (await explain(method, explained)).stages;
    expect(await rejectionOf(method, [...rejecting], correct, 1)).toEqual({ plain: null, sampled: null, rows: [] });
  });
});
