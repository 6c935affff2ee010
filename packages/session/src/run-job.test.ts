import { describe, expect, it } from 'vitest';
import type { Stages } from '@touchstone/contract';
import type { ExplainRequest } from './request.js';
import { runJob } from './run-job.js';
import { Unsupported, type Ready } from './served.js';

const job: ExplainRequest = {
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

/** An engine whose `run` leaves `left` tensors behind. */
function engine(run: (call: number) => Stages, left = 0): Ready {
  let [tensors, calls] = [0, 0];
  const ready = { kind: 'ready', name: '', version: '', device: '', precision: '', softwareRenderer: false } as const;
  return {
    ...ready,
    prepare: async () => void (tensors += 10),
    run: async () => {
      tensors += left;
      return run(calls++);
    },
    inside: null,
    tensors: () => tensors,
    whyLost: () => null,
  };
}

describe('a job', () => {
  it.each([
    ['same answer twice', engine(() => answer(1, NaN)), { kind: 'ran', unrepeated: null, leaked: 0 }],
    ['another answer', engine((call) => answer(call)), { kind: 'ran', unrepeated: 'attribution' }],
    ['minus zero', engine((call) => answer(call === 0 ? 0 : -0)), { kind: 'ran', unrepeated: 'attribution' }],
    [
      'another shape',
      engine((call) => answer(...Array.from({ length: call }, () => 1))),
      { kind: 'ran', unrepeated: 'attribution' },
    ],
    [
      'a stage that comes later',
      engine((call) => ({ ...answer(1), ...(call === 1 ? { late: answer(1)['attribution']! } : {}) })),
      { kind: 'ran', unrepeated: 'late' },
    ],
    ['tensors left behind by each run', engine(() => answer(1), 3), { kind: 'ran', leaked: 6 }],
    [
      'tensors left behind by a throw',
      engine(() => {
        throw new Error('no');
      }, 2),
      { kind: 'threw', code: 'internal', message: 'no', leaked: 2 },
    ],
    [
      'unsupported',
      engine(() => {
        throw new Unsupported('never');
      }),
      { kind: 'unsupported', reason: 'never' },
    ],
  ])('%s', async (_, served, reply) =>
    expect(await runJob(served, { kind: 'run', seq: 7, job }, unknown)).toMatchObject({ seq: 7, ...reply }),
  );
});
