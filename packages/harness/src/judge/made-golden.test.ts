/** Goldens that float64 makes, of networks with a unit whose side float32 cannot tell. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { singleBackend } from '@touchstone/backends';
import type { HostTensor, Stages } from '@touchstone/contract';
import { openChildSession, readNetworkFolder, type ExplainRequest, type Session } from '@touchstone/session';
import type { Golden } from '../golden/golden-file.js';
import { openGolden } from '../golden/golden-store.js';
import { requestFor } from '../port/request-for.js';
import { checkAnswer } from '../run/check-answer.js';
import { temporaryFolder } from '../testing/linear-golden.js';
import { guidedAtSwitch, poolAtSwitch, saliencyAtSwitch, writeSwitchGolden } from '../testing/switch-golden.js';
import { makeGolden } from './made-golden.js';
import { Oracle } from './oracle.js';

const root = join(temporaryFolder(), 'golden');
writeSwitchGolden(root);
const store = openGolden(root);
const asked = (row: typeof saliencyAtSwitch): ExplainRequest => requestFor(row, store.readCase(row));
const description = (request: ExplainRequest) => readNetworkFolder(request.networkFolder).description;
const numbers = ({ data }: HostTensor): number[] => [...data];

describe('a made golden', () => {
  const oracle = new Oracle({ deadlineMs: 60_000 });
  let single: Session;
  beforeAll(async () => void (single = await openChildSession({ backend: singleBackend.id })));
  afterAll(async () => {
    oracle.stop();
    await single.close();
  });
  const make = async (row: typeof saliencyAtSwitch): Promise<Golden> => {
    const request = asked(row);
    return (await makeGolden(row.id, request, description(request), { oracle, single })).golden;
  };

  it.each([
    ['of a ReLU', saliencyAtSwitch],
    ['of a ReLU with a rule', guidedAtSwitch],
  ])('has the closed form, and the unit %s on its other side', async (_, row) => {
    const { stages, flips, meta, sketch } = await make(row);
    const { stages: known } = store.readGolden(row.id);
    for (const name of ['logits', 'gradient', 'attribution'])
      expect(numbers(stages[name]!)).toEqual(numbers(known[name]!));
    expect(flips).toHaveLength(1);
    // The row of B for that unit, times its weight in the class.
    const moved = numbers(flips[0]!['gradient']!).map((value, i) => value - stages['gradient']!.data[i]!);
    expect(moved).toEqual([-0.0625, -0.0625, 0, 0, 0, 0]);
    expect(meta).toMatchObject({ atRisk: 1, stages: Object.keys(stages) });
    expect(sketch).toHaveLength(meta.sketch.length);
  });

  it('has the runner-up of a pool window as its other side; a tie has none', async () => {
    const { stages, flips } = await make(poolAtSwitch);
    expect(numbers(stages['gradient']!)).toEqual(numbers(store.readGolden(poolAtSwitch.id).stages['gradient']!));
    expect(flips.map(({ gradient }) => numbers(gradient!))).toEqual([[0.0625, 0, 2, 0, 0, 0, 0, 0]]);
  });
});

describe('one answer, judged with a made golden', () => {
  const right = store.readGolden(saliencyAtSwitch.id).stages['attribution']!;
  const changed = (change: (value: number, i: number) => number): Stages => ({
    attribution: { shape: right.shape, data: Float64Array.from(right.data, change) },
  });
  it.each([
    [
      'with float32 on the other side',
      changed((value, i) => (i < 2 ? value - 0.0625 : value)),
      'passed',
      /stored alternative answer/,
    ],
    ['off by a factor', changed((value) => 2 * value), 'failed', /differs from the golden at stage "attribution"/],
  ])('%s', async (_, stages, status, reason) => {
    const request = asked(saliencyAtSwitch);
    const { decision, target } = await checkAnswer({
      request,
      description: description(request),
      answerFor: () => stages,
      deadlineMs: 60_000,
    });
    expect(target).toEqual(request.target);
    expect(decision.status).toBe(status);
    expect(decision.reason).toMatch(reason);
  });
});
