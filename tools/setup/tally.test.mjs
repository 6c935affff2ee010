import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lineOf, pytestTallyOf, tallyOf } from './tally.mjs';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-tally-'));
after(() => rmSync(folder, { recursive: true }));

function report(content) {
  const file = join(folder, 'tests.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}
const fileOf = (name) => ({ name, status: 'passed', assertionResults: [] });
const counts = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [fileOf('/packages/a/src/a.test.ts'), fileOf('/packages/ab/src/b.test.ts')],
};
const folders = ['/packages/a', '/packages/ab'];

test('counts what passed, failed and was skipped', () => {
  const file = report({ ...counts, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 });
  assert.equal(lineOf(tallyOf(file, folders)), '3 passed, 2 failed, 2 skipped');
});

test('does not mention skips where there are none', () =>
  assert.equal(lineOf(tallyOf(report(counts), folders)), '3 passed, 0 failed'));

for (const [what, file] of [
  ['without a report', () => join(folder, 'none.json')],
  ['with half a report', () => report('{"numPassed')],
  ['with another report', () => report('{}')],
])
  test(`${what} the tests have failed`, () => {
    const total = tallyOf(file(), folders);
    assert.equal(lineOf(total), '0 passed, 1 failed');
    assert.deepEqual(total.notes, ['no test report']);
  });

test('a package without tests has failed', () => {
  const total = tallyOf(report({ ...counts, testResults: [fileOf('/packages/ab/src/b.test.ts')] }), folders);
  assert.equal(lineOf(total), '3 passed, 1 failed');
  assert.deepEqual(total.notes, ['/packages/a: no tests']);
});

test('a test file that does not load has failed', () => {
  const testResults = [...counts.testResults, { ...fileOf('/packages/a/src/x.test.ts'), status: 'failed' }];
  assert.equal(tallyOf(report({ ...counts, testResults }), folders).failed, 1);
});

test('counts the tests in Python; a broken report is a failure', () => {
  const xml = (counts) => `<?xml version="1.0"?><testsuites name="pytest"><testsuite name="pytest" ${counts} time="1">`;
  const lineFor = (content) => lineOf(pytestTallyOf(report(content)));
  assert.equal(lineFor(xml('errors="1" failures="2" skipped="3" tests="10"')), '4 passed, 3 failed, 3 skipped');
  for (const broken of ['', xml('tests="3"'), xml('errors="0" failures="0" skipped="0" tests="0"')])
    assert.equal(lineFor(broken), '0 passed, 1 failed');
  assert.equal(lineOf(pytestTallyOf(join(folder, 'none.xml'))), '0 passed, 1 failed');
});
