import { describe, expect, it } from 'vitest';
import type { Footer, Header, Outcome } from './outcome.js';
import { skipFindings, verdictOf } from './verdict.js';

const header: Header = {
  kind: 'header',
  version: 2,
  touchstone: '1',
  started: 'now',
  golden: 'a',
  port: { name: 'touchstone', version: '1' },
  backends: [],
  unavailable: [{ id: 'webgl', reason: 'no GPU' }],
  machine: 'm',
};
const subject = { kind: 'outcome', case: 'a', method: 'cam', network: 'n', backend: 'cpu' } as const;
const passed: Outcome = { ...subject, status: 'passed', stage: 'map', reason: null };
const failed: Outcome = { ...subject, status: 'failed', stage: 'map', check: 'shape', reason: 'r' };
const errored: Outcome = { ...subject, status: 'errored', code: 'timeout', reason: 'r' };
const damaged: Outcome = { ...subject, status: 'errored', code: 'golden-damaged', reason: 'r' };
const skipped: Outcome = { ...subject, status: 'skipped', reason: 'r' };
const expected: Outcome = { ...subject, status: 'skipped', reason: 'expected: r', expected: true };
const elsewhere: Outcome = { ...skipped, backend: 'webgl' };
const end: Footer = { kind: 'footer', passed: 0, failed: 0, skipped: 0, errored: 0, worst: {}, milliseconds: 1 };

describe('the verdict of a file', () => {
  it.each([
    ['all passed', [passed, skipped], end, 'passed', 0, 0],
    ['one failed', [passed, failed, errored], end, 'failed', 1, 0],
    ['a finding', [passed], { ...end, findings: ['x'] }, 'failed', 1, 1],
    ['one errored', [passed, errored], end, 'errored', 4, 0],
    ['nothing was judged', [skipped, expected], end, 'errored', 4, 1],
    ['nothing of a method', [passed], { ...end, notJudged: ['saliency'] }, 'errored', 4, 1],
    ['no footer, all passed', [passed], null, 'incomplete', 4, 1],
    ['no footer, one failed', [passed, failed], null, 'incomplete', 1, 1],
    ['a golden is damaged', [failed, damaged], { ...end, findings: ['x'] }, 'damaged', 5, 1],
  ] as const)('%s', (_, outcomes, footer, kind, exitStatus, reasons) => {
    const verdict = verdictOf({ header, outcomes, footer: footer === null ? null : (footer as Footer) });
    expect([verdict.kind, verdict.exitStatus, verdict.reasons.length]).toEqual([kind, exitStatus, reasons]);
  });

  it('a finding is said once, wherever it comes from', () => {
    const footer = { ...end, findings: ['x'] };
    expect(verdictOf({ header, outcomes: [passed], footer }, ['x', 'y']).reasons).toEqual(['x', 'y']);
  });
});

describe('--max-skipped', () => {
  // Of four that could run, one is skipped; a known failure was run, and webgl is judged by --require.
  const outcomes = [passed, passed, expected, skipped, elsewhere, elsewhere];
  it.each([
    [undefined, 0],
    [{ count: 0, unit: 'cases' }, 1],
    [{ count: 1, unit: 'cases' }, 0],
    [{ count: 24.9, unit: '%' }, 1],
    [{ count: 25, unit: '%' }, 0],
  ] as const)('%o', (limit, findings) => {
    expect(skipFindings(outcomes, header.unavailable, limit)).toHaveLength(findings);
  });
});
