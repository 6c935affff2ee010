import { describe, expect, it } from 'vitest';
import type { Outcome } from '@touchstone/contract';
import { exitStatus, summarise, worstByBackend } from './summary.js';

function outcome(more: Partial<Outcome>): Outcome {
  const nothing = {
    stage: null,
    e2: null,
    eMax: null,
    allowed: null,
    allowedMax: null,
    ratio: null,
    check: null,
    code: null,
    reason: null,
    milliseconds: null,
    peakBytes: null,
  };
  return {
    kind: 'outcome',
    case: 'a',
    method: 'cam',
    network: 'n',
    backend: 'cpu',
    status: 'passed',
    ...nothing,
    ...more,
  };
}

const passed = outcome({ ratio: 0.5 });
const failed = outcome({ status: 'failed', ratio: 7, case: 'b' });
const errored = outcome({ status: 'errored', code: 'timeout' });
const damaged = outcome({ status: 'errored', code: 'golden-damaged', check: 'golden' });
const skipped = outcome({ status: 'skipped', reason: 'no output' });

describe('the exit status', () => {
  it.each([
    ['all passed', [passed, skipped], [], true, 0],
    ['one failed', [passed, failed, errored], [], true, 1],
    ['an expectation is not true', [passed], ['x'], true, 1],
    ['one errored', [passed, errored], [], true, 4],
    ['interrupted', [passed], [], false, 4],
    ['nothing was judged', [skipped], [], true, 4],
    ['a golden is damaged', [failed, damaged], ['x'], true, 5],
  ] as [string, Outcome[], string[], boolean, number][])('%s', (_, outcomes, findings, complete, status) => {
    expect(exitStatus(summarise(outcomes, findings, complete))).toBe(status);
  });
});

it('the worst ratio of a method on a backend', () => {
  const unmeasured = outcome({ status: 'failed', backend: 'wasm', check: 'shape', case: 'c' });
  const summary = summarise([passed, failed, skipped, unmeasured, { ...passed, backend: 'wasm' }], [], true);
  const { worst, skips } = summary;
  expect(worst.map(({ backend, judged, ratio, case: id }) => [backend, judged, ratio, id])).toEqual([
    ['cpu', 2, 7, 'b'],
    ['wasm', 2, null, 'c'],
  ]);
  expect(skips).toEqual({ 'no output': 1 });
  const saliency = outcome({ method: 'saliency', ratio: 8, case: 'd', stage: 'gradient' });
  expect(worstByBackend(summary)).toEqual({
    cpu: { ratio: 7, case: 'b', stage: null },
    wasm: { ratio: null, case: 'c', stage: null },
  });
  expect(worstByBackend(summarise([failed, saliency, skipped], [], true))).toEqual({
    cpu: { ratio: 8, case: 'd', stage: 'gradient' },
  });
});
