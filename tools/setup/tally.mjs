import { existsSync, readFileSync } from 'node:fs';

/**
 * Counts the results of all packages' tests, from Vitest's JSON report. A report that cannot be read counts as one
 * failure, and so does a package without a test, and a test file that could not be loaded.
 * @param {string} report
 * @param {readonly string[]} folders of the packages, absolute
 */
export function tallyOf(report, folders) {
  const found = readReport(report);
  if (found === null) return { passed: 0, failed: 1, skipped: 0, notes: ['no test report'] };
  const without = folders.filter((folder) => !found.testResults.some(({ name }) => name.startsWith(`${folder}/`)));
  const broken = found.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  return {
    passed: found.numPassedTests,
    failed: found.numFailedTests + without.length + broken.length,
    skipped: found.numPendingTests + found.numTodoTests,
    notes: [
      ...without.map((folder) => `${folder}: no tests`),
      ...broken.map(({ name }) => `${name}: could not be loaded`),
    ],
  };
}

function readReport(file) {
  if (!existsSync(file)) return null;
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(report.testResults) && Number.isInteger(report.numPassedTests) ? report : null;
  } catch {
    return null;
  }
}

/**
 * Counts the results of tests in Python, from pytest's JUnit report. A report that cannot be read counts as one
 * failure.
 * @param {string} report
 */
export function pytestTallyOf(report) {
  const suite = existsSync(report) ? (/<testsuite [^>]*>/.exec(readFileSync(report, 'utf8'))?.[0] ?? '') : '';
  const countOf = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? NaN);
  const [tests, skipped, failed] = [countOf('tests'), countOf('skipped'), countOf('failures') + countOf('errors')];
  if (!(tests > 0) || Number.isNaN(skipped + failed)) return { passed: 0, failed: 1, skipped: 0 };
  return { passed: tests - skipped - failed, failed, skipped };
}

/** The last line of `npm test`. */
export function lineOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
