/** A part of docs/causes.md: tools/harness/causes.mjs asks about every mutant. */
import { beforeAll, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import { mutants } from '@touchstone/methods';
import { CauseMatrix, type Naming } from './cause-matrix.js';
import { cases } from './rejections.js';

beforeAll(() => findBackend('float64').open());

it('faults of CAM are named, or others that give the same, from the map alone and from all stages', async () => {
  const matrix = new CauseMatrix(cases.find(({ id }) => id === 'cam/digits-gap/digits')!);
  const verdicts: Naming['verdict'][] = [];
  const some = mutants.filter(({ of }) => of.includes('cam')).filter((_, i) => i % 6 === 0);
  for (const mutant of some)
    for (const given of ['map', 'stages'] as const) {
      const naming = await matrix.naming(mutant, given);
      if (naming !== null) verdicts.push(naming.verdict);
      expect(['true', 'equivalent', undefined], `${mutant.id} (${given}): ${naming?.text}`).toContain(naming?.verdict);
    }
  expect(verdicts.length).toBeGreaterThan(9);
  expect(verdicts.filter((verdict) => verdict === 'true').length / verdicts.length).toBeGreaterThan(0.75);
});
