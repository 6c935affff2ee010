import { existsSync, readFileSync } from 'node:fs';

/**
 * Counts what the tests of some packages came to, from Vitest's JSON reports. A package without a readable report or
 * without a test counts as one failure, and so does a test file that could not be loaded.
 * @param {readonly { name: string, report: string }[]} packages
 */
export function tallyOf(packages) {
  const total = { passed: 0, failed: 0, skipped: 0, notes: [] };
  for (const { name, report } of packages) {
    const found = readReport(report);
    if (found === null || found.testResults.length === 0) {
      total.failed++;
      total.notes.push(`${name}: ${found === null ? 'no test report' : 'no tests'}`);
      continue;
    }
    const broken = found.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
    );
    total.passed += found.numPassedTests;
    total.failed += found.numFailedTests + broken.length;
    total.skipped += found.numPendingTests + found.numTodoTests;
    for (const file of broken) total.notes.push(`${name}: ${file.name} did not run`);
  }
  return total;
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

/** The last line of `npm test`. */
export function lineOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
