/** A kernel that is odd in y, as Sobel's, over a flat image: every pre-activation is exactly 0 in float64 only. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { singleBackend } from '@touchstone/backends';
import type { HostTensor, NetworkDescription, Stages } from '@touchstone/contract';
import { chain, description as described, leaf } from '@touchstone/network/testing';
import {
  NetworkScratch,
  openChildSession,
  type Answered,
  type ExplainRequest,
  type Session,
} from '@touchstone/session';
import type { Golden } from '../golden/golden-file.js';
import { answeredElsewhere } from '../port/files-port.js';
import type { Decision } from './decision.js';
import { judge } from './judge.js';
import { makeGolden } from './made-golden.js';
import { Oracle } from './oracle.js';

const float32 = (shape: number[], data: ArrayLike<number>): HostTensor => ({ shape, data: Float32Array.from(data) });
const fill = (size: number, value: (i: number) => number): number[] => Array.from({ length: size }, (_, i) => value(i));

const channels = 4;
const description: NetworkDescription = described(
  chain({ conv: leaf.conv(1, channels, 3), relu: leaf.relu, flat: leaf.flatten, head: leaf.linear(9 * channels, 2) }),
  { name: 'odd', input: { shape: [1, 5, 5] } },
);
/** Rows k, 0 and −k. The second class is ten million times smaller than the first. */
const weightsOf = (a: (i: number) => number): Stages => ({
  'conv.weight': float32(
    [channels, 1, 3, 3],
    fill(9 * channels, (i) => (1 - Math.floor((i % 9) / 3)) * a(Math.floor(i / 9) * 3 + (i % 3))),
  ),
  'conv.bias': float32(
    [channels],
    fill(channels, () => 0),
  ),
  'head.weight': float32(
    [2, 9 * channels],
    fill(18 * channels, (i) => Math.cos(2 * i) * (i < 9 * channels ? 1 : 1e-7)),
  ),
  'head.bias': float32([2], [1, 1]),
});

const pooledDescription = described(
  chain({ conv: leaf.conv(1, 1, 3), pool: leaf.maxPool(1, 2), flat: leaf.flatten, head: leaf.linear(1, 1) }),
  { name: 'even', input: { shape: [1, 3, 4] } },
);
const pooledWeights: Stages = {
  'conv.weight': float32(
    [1, 1, 3, 3],
    fill(9, () => 0.7),
  ),
  'conv.bias': float32([1], [0]),
  'head.weight': float32([1, 1], [1]),
  'head.bias': float32([1], [1]),
};

describe('a network whose kernels are odd', () => {
  const scratch = new NetworkScratch();
  const real = scratch.write({ description, weights: weightsOf((i) => Math.sin(i + 1)) }).folder;
  const whole = scratch.write({ description, weights: weightsOf((i) => (i % 5) - 2) }).folder;
  const pooled = scratch.write({ description: pooledDescription, weights: pooledWeights }).folder;
  const oracle = new Oracle({ deadlineMs: 60_000 }, 'one');
  let single: Session;
  beforeAll(async () => void (single = await openChildSession({ backend: singleBackend.id })));
  afterAll(async () => {
    oracle.stop();
    await single.close();
    scratch.close();
  });

  const asked = (x: HostTensor, networkFolder = real): ExplainRequest & { target: { class: number[] } } => ({
    method: 'saliency',
    networkFolder,
    x,
    target: { class: fill(x.shape[0]!, (i) => i) },
    params: { reduce: 'none' },
    fixtures: {},
    maxValues: Infinity,
  });
  const flat = (value: number): HostTensor =>
    float32(
      [1, 1, 5, 5],
      fill(25, () => value),
    );
  const make = async (request: ExplainRequest, of = description): Promise<Golden> =>
    (await makeGolden('saliency/odd/x', request, of, { oracle, single })).golden;
  const check = async (golden: Golden, request: ReturnType<typeof asked>, stages: Stages): Promise<Decision> => {
    const port = { own: false, tier: 'float32', sketch: async () => null, switchPoints: async () => null } as const;
    return judge(golden, [], request, answeredElsewhere(stages), port, oracle);
  };
  /** The gradient with all its units on. */
  const allOn = async (request: ExplainRequest): Promise<HostTensor> => {
    const { relus, pools } = await single.diagnose({ kind: 'switchPoints', request });
    const on = relus.map(({ shape, data }) => ({ shape, data: data.map(() => 1) }));
    return (await oracle.replay(request, { relus: on, pools }, false)).stages['attribution']!;
  };

  it.each([
    ['near their switch point where the summands cancel', flat(0.3), real, true],
    ['not where all are 0', flat(0), real, false],
    ['not where all are whole numbers, whose sums are exact in float32', flat(3), whole, false],
  ])('has its units %s', async (_, x, network, near) => {
    const { meta, flips, reach } = await make(asked(x, network));
    expect([meta.atRisk > flips.length, flips.length, reach !== undefined]).toEqual(
      near ? [true, 8, true] : [false, 0, false],
    );
  });

  it.each([
    ['of equal summands in another order may go to either value', [0.1, 0.2, 0.7, 0.1], 1],
    ['over a flat region goes to the first, as in PyTorch', [0.3, 0.3, 0.3, 0.3], 0],
  ])('has a tie that %s', async (_, row, near) => {
    const request = { ...asked(float32([1, 1, 3, 4], [...row, ...row, ...row]), pooled), target: { class: [0] } };
    const { meta, flips } = await make(request, pooledDescription);
    expect([meta.atRisk, flips.length]).toEqual([near, near]);
  });

  it('does not decide about an answer with them on their other sides, and refuses any other', async () => {
    const request = asked(flat(0.3));
    const golden = await make(request);
    const attribution = await allOn(request);
    expect(await check(golden, request, { attribution })).toEqual({
      status: 'skipped',
      reason: expect.stringMatching(
        /^\d+ units may lie on either side of a switch point, as rounding decides/,
      ) as string,
    });
    const wrong = { ...attribution, data: attribution.data.map((value) => 10 * value) };
    expect(await check(golden, request, { attribution: wrong })).toMatchObject({ status: 'failed', check: 'e2' });
    expect(await check(golden, asked(flat(0)), { attribution: golden.stages['attribution']! })).toMatchObject({
      status: 'passed',
    });
  });

  it('has a mask x >= 0 refused where the rule of PyTorch decides', async () => {
    for (const request of [asked(flat(0)), asked(flat(3), whole)])
      expect(await check(await make(request), request, { attribution: await allOn(request) })).toMatchObject({
        status: 'failed',
      });
  });

  it('is judged on our own backend under its own decisions', async () => {
    const request = asked(flat(0.3));
    const golden = await make(request);
    const own = {
      own: true,
      tier: 'float32',
      sketch: async () => null,
      switchPoints: () => single.diagnose({ kind: 'switchPoints', request }),
    } as const;
    const answer = (await single.explain(request)) as Answered;
    const decision = await judge(golden, [], request, answer, own, oracle);
    expect([decision.status, decision.reason]).toEqual(['passed', expect.stringMatching(/under its own masks/)]);
  });

  it('is judged image by image', async () => {
    const request = asked(
      float32(
        [2, 1, 5, 5],
        fill(50, (i) => Math.sin(i * i)),
      ),
    );
    const golden = await make(request);
    const attribution = golden.stages['attribution']!;
    expect(await check(golden, request, { attribution })).toMatchObject({ status: 'passed' });
    const data = attribution.data.map((value, i) => (i < 25 ? value : 0));
    expect(await check(golden, request, { attribution: { ...attribution, data } })).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/25 of 25 values of image 1 differ/) as string,
    });
  });
});
