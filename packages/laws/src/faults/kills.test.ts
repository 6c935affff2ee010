/** Every law can fail: one counter-example of each law, and of each fault that laws notice, is repeated. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import { holdTo } from '../hold.js';
import { findLaw, laws } from '../laws.js';
import { ownSubject, rightMethods } from '../own-subject.js';
import { reportOf } from '../report.js';
import { faults } from './faults.js';

/** Written by tools/laws/kills.mjs: fault → law → path of a counter-example. */
const { seed, kills } = JSON.parse(readFileSync(new URL('./kills.json', import.meta.url), 'utf8')) as {
  seed: number;
  kills: Record<string, Record<string, string>>;
};
const update = 'run node tools/laws/kills.mjs --missing, or without --missing after a change to laws';
const all = Object.entries(kills).flatMap(([fault, paths]) =>
  Object.entries(paths).map(([law, path]) => ({ fault, law, path })),
);
/** The first row of each fault, and of each law. */
const rows = all.filter(
  (row, i) =>
    all.findIndex(({ fault }) => fault === row.fault) === i || all.findIndex(({ law }) => law === row.law) === i,
);

const subjectWith = (id: string) =>
  ownSubject(
    { id: 'float64', deterministic: true, precision: 'float64' },
    faults.find((fault) => fault.id === id)!.spoil(rightMethods),
  );

describe('kills.json', () => {
  it('has a row for every fault, and no others', () => {
    expect(Object.keys(kills).toSorted(), update).toEqual(faults.map(({ id }) => id).toSorted());
  });

  it('has a fault that is noticed for every law', () => {
    expect([...new Set(all.map(({ law }) => law))].toSorted(), update).toEqual(laws.map(({ id }) => id).toSorted());
  });
});

describe('the oracle backend', async () => {
  await findBackend('float64').open();

  it.each(rows)('$law rejects $fault', async ({ fault, law, path }) => {
    const result = await holdTo(findLaw(law), subjectWith(fault), { seed, runs: 1, path, shrink: false });
    expect(result, update).toMatchObject({ status: 'broken', counterExample: { path } });
  });

  it('is shown the smallest counter-example, which is found again under its path', async () => {
    const subject = subjectWith('sigma-not-scaled');
    const law = findLaw('L21b');
    const found = await holdTo(law, subject, { seed, runs: 60 });
    if (found.status !== 'broken') throw new Error('the law holds');
    const { path, difference } = found.counterExample;
    expect(await holdTo(law, subject, { seed, runs: 1, path })).toMatchObject({ counterExample: { difference } });
    const report = reportOf(law, found, { name: 'float64', options: '--backend float64' });
    expect(report).toContain('✗ L21b on float64');
    expect(report).toContain(`npx touchstone laws --backend float64 --law L21b --seed ${seed} --path ${path}`);
    expect(report).toMatch(/sigma: \d+ of \d+ values differ/);
    expect(report).toMatch(/input \[1,1,1\][^]*fc = fc\(flatten\) Linear[^]*x \[\d,1,1,1\]/);
    expect(report.length).toBeLessThan(8000);
  });
});
