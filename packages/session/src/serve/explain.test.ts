import { describe, expect, it } from 'vitest';
import type { Stages } from '@touchstone/contract';
import type { ExplainRequest } from '../request.js';
import { Unsupported, type Engine } from './engine.js';
import { explainCounted } from './explain.js';

const request: ExplainRequest = {
  method: 'cam',
  networkFolder: '',
  x: { shape: [0], data: new Float32Array() },
  target: { class: 0 },
  params: {},
  fixtures: {},
  maxValues: 9,
};
const unknown = { forget: () => undefined, peak: () => null };
const answer = (...data: number[]): Stages => ({
  attribution: { shape: [data.length], data: Float32Array.from(data) },
});

/** An engine whose `explain` leaves `left` tensors behind. */
function engine(run: (call: number) => Stages, left = 0): Engine {
  let [tensors, calls] = [0, 0];
  return {
    info: { name: '', version: '', device: '', precision: '', softwareRenderer: false },
    load: async () => void (tensors += 10),
    explain: async () => {
      tensors += left;
      return { stages: run(calls++) };
    },
    diagnose: null,
    tensors: () => tensors,
    close: async () => undefined,
  };
}

describe('a request, run twice', () => {
  it.each([
    [
      'same answer twice',
      engine(() => answer(1, NaN)),
      { kind: 'answered', unrepeated: null, leaked: 0, nonFinite: ['attribution'] },
    ],
    ['another answer', engine((call) => answer(call)), { kind: 'answered', unrepeated: 'attribution' }],
    ['minus zero', engine((call) => answer(call === 0 ? 0 : -0)), { kind: 'answered', unrepeated: 'attribution' }],
    [
      'another shape',
      engine((call) => answer(...Array.from({ length: call }, () => 1))),
      { kind: 'answered', unrepeated: 'attribution' },
    ],
    [
      'a stage that comes later',
      engine((call) => ({ ...answer(1), ...(call === 1 ? { late: answer(1)['attribution']! } : {}) })),
      { kind: 'answered', unrepeated: 'late' },
    ],
    ['tensors left behind by each run', engine(() => answer(1), 3), { kind: 'answered', leaked: 6 }],
    [
      'tensors left behind by a throw',
      engine(() => {
        throw new Error('no');
      }, 2),
      { kind: 'errored', code: 'internal', reason: 'no', leaked: 2 },
    ],
    [
      'unsupported',
      engine(() => {
        throw new Unsupported('never');
      }),
      { kind: 'skipped', reason: 'unsupported: never' },
    ],
  ])('%s', async (_, engine, answer) =>
    expect(await explainCounted(engine, request, { twice: true }, unknown)).toMatchObject(answer),
  );
});

it('once: nothing is compared, and memory is not measured', async () => {
  const measured = { forget: () => undefined, peak: () => 7 };
  const changing = engine((call) => answer(call), 3);
  expect(await explainCounted(changing, request, {}, measured)).toMatchObject({
    kind: 'answered',
    unrepeated: null,
    leaked: 3,
    nonFinite: [],
    peakBytes: null,
  });
});
