import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lineOf, tallyOf } from './tally.mjs';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-tally-'));
after(() => rmSync(folder, { recursive: true }));

function report(name, content) {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return { name, report: file };
}
const counts = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults: [] }],
};

test('adds up the reports', () => {
  const total = tallyOf([
    report('a', counts),
    report('b', { ...counts, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 }),
  ]);
  assert.equal(lineOf(total), '6 passed, 2 failed, 2 skipped');
});

test('says nothing of skips where there are none', () =>
  assert.equal(lineOf(tallyOf([report('a', counts)])), '3 passed, 0 failed'));

test('a package without a report, with half of one, or without tests has failed', () => {
  const total = tallyOf([
    { name: 'gone', report: join(folder, 'none.json') },
    report('half', '{"numPassed'),
    report('other', '{}'),
    report('empty', { ...counts, numPassedTests: 0, testResults: [] }),
  ]);
  assert.equal(lineOf(total), '0 passed, 4 failed');
  assert.deepEqual(total.notes, [
    'gone: no test report',
    'half: no test report',
    'other: no test report',
    'empty: no tests',
  ]);
});

test('a test file that does not load has failed', () => {
  const testResults = [
    { name: 'x.test.ts', status: 'failed', assertionResults: [] },
    { name: 'y.test.ts', status: 'passed', assertionResults: [] },
  ];
  assert.equal(tallyOf([report('a', { ...counts, testResults })]).failed, 1);
});
