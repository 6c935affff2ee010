import type { CaseRow, Outcome } from '@touchstone/contract';
import { expect, it } from 'vitest';
import { Expectations, parseExpectations } from './expectations.js';
import { expectationsText, knownFailures } from './known-failures.js';

const subject = { kind: 'outcome', method: 'cam', network: 'n', backend: 'my port' } as const;
const reason = 'differs from the golden at stage "weights"\n5 of 32 values';
const failed: Outcome = { ...subject, case: 'cam/n/x', status: 'failed', check: 'shape', stage: 's', reason };
const errored: Outcome = { ...subject, case: 'cam/n/y', status: 'errored', code: 'timeout', reason: '// "a" */ [' };
const damaged: Outcome = { ...subject, case: 'cam/n/z', status: 'errored', code: 'golden-damaged', reason };
const passed: Outcome = { ...subject, case: 'cam/n/p', status: 'passed', stage: 's', reason: null };
const tracked = { since: '2026-11-28', link: 'https://example.org/1', expires: '2027-02-26' };
const place = { device: 'd', platform: 'linux' };

it('what is written is read again, and expects exactly what fails now', () => {
  const found = knownFailures([passed, failed, errored, damaged, { ...failed, case: 'cam/*' }], tracked);
  expect(found.left.map(({ case: id }) => id)).toEqual(['cam/n/z', 'cam/*']);
  const rows = parseExpectations(expectationsText(found), 'file', 'bad-input');
  expect(rows).toEqual(found.rows);
  expect(rows[0]).toMatchObject({
    match: { case: 'cam/n/x', backend: 'my port' },
    check: 'shape',
    reason: 'known since 2026-11-28: differs from the golden at stage "weights"',
    expires: '2027-02-26',
  });

  const cases = ['x', 'y', 'p'].map((name) => ({ id: `cam/n/${name}`, method: 'cam', network: 'n' }) as CaseRow);
  const expectations = new Expectations({ name: 'file', rows, isOfPort: true }, cases, ['my port'], '2026-12-01');
  const known = [failed, errored].map((outcome) => expectations.apply(outcome, place));
  expect(known).toMatchObject([
    { status: 'skipped', expected: true },
    { status: 'skipped', expected: true },
  ]);
  expect(expectations.findings).toEqual([]);
  const isNew: Outcome = { ...failed, case: 'cam/n/p' };
  expect(expectations.apply(isNew, place)).toBe(isNew);
  expectations.apply({ ...passed, case: 'cam/n/x' }, place);
  expect(expectations.findings).toEqual(['cam/n/x on my port passed; file expects shape; delete the row']);
});

it('no failures: a file without rows', () => {
  expect(parseExpectations(expectationsText(knownFailures([passed], tracked)))).toEqual([]);
});
