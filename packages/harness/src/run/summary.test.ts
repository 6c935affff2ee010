import { describe, expect, it } from 'vitest';
import { exitStatusOf, type Outcome } from '@touchstone/contract';
import { summarise, worstByBackend } from './summary.js';

const subject = { kind: 'outcome', case: 'a', method: 'cam', network: 'n', backend: 'cpu' } as const;
const measured = (ratio: number) => ({ e2: ratio, eMax: ratio, allowed: 1, allowedMax: 1, ratio });
const passed: Outcome = { ...subject, status: 'passed', stage: 'map', reason: null, ...measured(0.5) };
const failing = { status: 'failed', stage: 'map', reason: 'r' } as const;
const failed: Outcome = { ...subject, ...failing, check: 'e2', ...measured(7), case: 'b' };
const errored: Outcome = { ...subject, status: 'errored', code: 'timeout', reason: 'r' };
const damaged: Outcome = { ...subject, status: 'errored', code: 'golden-damaged', reason: 'r' };
const skipped: Outcome = { ...subject, status: 'skipped', reason: 'no output' };

describe('the exit status', () => {
  it('4 where nothing of a method that was named is judged', () => {
    const other = { ...skipped, method: 'saliency' };
    const statusOf = (outcomes: readonly Outcome[]) =>
      exitStatusOf(summarise(outcomes, [], [], true, ['cam', 'saliency']));
    expect(statusOf([passed, other])).toBe(4);
    expect(statusOf([passed, other, { ...passed, method: 'saliency' }])).toBe(0);
  });

  it.each([
    ['all passed', [passed, skipped], [], true, 0],
    ['one failed', [passed, failed, errored], [], true, 1],
    ['an expectation is not true', [passed], ['x'], true, 1],
    ['one errored', [passed, errored], [], true, 4],
    ['interrupted', [passed], [], false, 4],
    ['nothing was judged', [skipped], [], true, 4],
    ['a golden is damaged', [failed, damaged], ['x'], true, 5],
  ] as [string, Outcome[], string[], boolean, number][])('%s', (_, outcomes, findings, complete, status) => {
    expect(exitStatusOf(summarise(outcomes, findings, [], complete))).toBe(status);
  });
});

it('the worst ratio of a method on a backend', () => {
  const unmeasured = { ...subject, ...failing, check: 'shape', backend: 'wasm', case: 'c' } as const;
  const summary = summarise([passed, failed, skipped, unmeasured, { ...passed, backend: 'wasm' }], [], [], true);
  const { worst, skips } = summary;
  expect(worst.map(({ backend, judged, ratio, case: id }) => [backend, judged, ratio, id])).toEqual([
    ['cpu', 2, 7, 'b'],
    ['wasm', 2, Infinity, 'c'],
  ]);
  expect(skips).toEqual({ 'no output': 1 });
  const saliency = { ...passed, ...measured(8), method: 'saliency', case: 'd', stage: 'gradient' } as const;
  expect(worstByBackend(summary)).toEqual({
    cpu: { ratio: 7, case: 'b', stage: 'map' },
    wasm: { case: 'c', stage: 'map' },
  });
  expect(worstByBackend(summarise([failed, saliency, skipped], [], [], true))).toEqual({
    cpu: { ratio: 8, case: 'd', stage: 'gradient' },
  });
});
