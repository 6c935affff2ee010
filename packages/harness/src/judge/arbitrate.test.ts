import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import type { CaseRow, Outcome, Stages } from '@touchstone/contract';
import { explain, findMethod, mutants, type Explanation, type SwitchPoints } from '@touchstone/methods';
import { loadNetwork } from '@touchstone/network';
import { openGolden } from '../golden/golden-store.js';
import { readNetworkFolder } from '@touchstone/session';
import { Oracle } from './oracle.js';
import type { Port } from '../port/port.js';
import { runCase } from './run-case.js';
import {
  guidedAtSwitch,
  notAtRisk,
  poolAtSwitch,
  saliencyAtSwitch,
  storedFlips,
  writeSwitchGolden,
} from '../testing/switch-golden.js';
import { temporaryFolder } from '../testing/linear-golden.js';
import { everyField } from '../testing/every-field.js';
import { verify } from '../run/verify.js';

const root = join(temporaryFolder(), 'golden');
writeSwitchGolden(root);
const golden = openGolden(root);
const oracle = new Oracle({ deadlineMs: 60_000 });
beforeAll(() => findBackend('cpu').open());
afterAll(() => oracle.stop());

function explanation({ network, input, target, params }: CaseRow): Explanation {
  const { description, weights } = readNetworkFolder(golden.networkFolder(network));
  return { network: loadNetwork(description, weights), x: golden.readInput(input), target, params, fixtures: {} };
}

const rightly = async (row: CaseRow): Promise<Stages> =>
  (await explain(findMethod(row.method), explanation(row))).stages;
const recorded = async (row: CaseRow): Promise<SwitchPoints> =>
  (await explain(findMethod(row.method), explanation(row), { switchPoints: { record: 'decisions' } })).switchPoints!;
const wrongly = (id: string, row: CaseRow): Promise<Stages> =>
  mutants.find((mutant) => mutant.id === id)!.explain(findMethod(row.method), explanation(row));

/** A port with these stages and masks. */
async function outcomeOf(
  row: CaseRow,
  stages: Stages,
  {
    own = true,
    switchPoints = null,
    unrepeated = null,
  }: { own?: boolean; switchPoints?: SwitchPoints | null; unrepeated?: string | null } = {},
): Promise<Outcome> {
  const port: Port = {
    id: 'cpu',
    own,
    tier: 'float32',
    timeEstimate: null,
    another: () => null,
    finish: async () => null,
    open: async () => ({ kind: 'unavailable', reason: '' }),
    explain: async () => ({ kind: 'answered', stages, milliseconds: 1, unrepeated, leaked: 0, peakBytes: null }),
    sketch: async () => null,
    switchPoints: async () => switchPoints,
    stop: () => undefined,
  };
  return (await runCase(golden, row, port, oracle)).outcome;
}

// Also where other units have stored answers. float64 passes without arbitration; nothing is arbitrated where no unit
// is at risk.
it('float32 backends pass under their own masks', async () => {
  const { outcomes } = await verify({
    golden,
    cases: [saliencyAtSwitch, guidedAtSwitch, poolAtSwitch, storedFlips, notAtRisk],
    backends: ['cpu', 'wasm', 'float64'],
  });
  const arbitrated = [
    'passed',
    'arbitrated in float64 under its own masks: 1 unit on the other side of a switch point',
  ];
  const failed = ['failed', expect.not.stringMatching(/arbitra/)];
  expect(outcomes.map(({ status, reason }) => [status, reason])).toEqual([
    ...[1, 2, 3, 4].flatMap(() => [arbitrated, arbitrated, ['passed', null]]),
    failed,
    failed,
    ['passed', null],
  ]);
  expect(outcomes.slice(0, 12).every((outcome) => everyField(outcome).ratio! < 1)).toBe(true);
});

describe('our own port fails', () => {
  it.each([
    ['softmax-target', saliencyAtSwitch],
    ['deconv-for-guided', guidedAtSwitch],
    ['guided-not-replaced', guidedAtSwitch],
    ['ties-to-last', poolAtSwitch],
    ['map-transposed', saliencyAtSwitch],
  ])('as %s, though its masks are right', async (mutant, row) => {
    const outcome = await outcomeOf(row, await wrongly(mutant, row), { switchPoints: await recorded(row) });
    expect(outcome.status).toBe('failed');
    if (everyField(outcome).stage !== 'logits')
      expect(outcome.reason).toMatch(/under the masks of this run stage "gradient" differs too/);
  });

  it.each([
    [
      'a ReLU',
      saliencyAtSwitch,
      ({ relus: [first], pools }: SwitchPoints): SwitchPoints => ({
        relus: [{ ...first!, data: first!.data.map((side, i) => (i === 1 ? 1 - side : side)) }],
        pools,
      }),
    ],
    [
      'a pool',
      poolAtSwitch,
      ({ relus, pools: [first] }: SwitchPoints): SwitchPoints => {
        const x = { ...first!.x, data: first!.x.data.slice() };
        x.data[7] = x.data[2]!;
        x.data.fill(0, 2, 4);
        return { relus, pools: [{ ...first!, x }] };
      },
    ],
  ])('with a mask of %s that is wrong far from its switch point', async (_, row, change) => {
    const switchPoints = change(await recorded(row));
    const request = {
      method: row.method,
      target: row.target,
      networkFolder: golden.networkFolder(row.network),
      x: golden.readInput(row.input),
      fixtures: {},
      params: row.params,
      maxValues: 1000,
    };
    const { stages } = await oracle.replay(request, switchPoints, false);
    const { status, reason } = await outcomeOf(row, stages, { switchPoints });
    expect([status, reason]).toEqual([
      'failed',
      expect.stringMatching(/2 units on the other side, one of them .* away from its switch point/),
    ]);
  });

  it('without masks, with those of another run, and where a second run differs', async () => {
    const stages = await rightly(saliencyAtSwitch);
    expect((await outcomeOf(saliencyAtSwitch, stages)).reason).toMatch(/could not be recorded/);
    expect((await outcomeOf(saliencyAtSwitch, stages, { switchPoints: await recorded(poolAtSwitch) })).reason).toMatch(
      /belong to another run/,
    );
    expect(
      await outcomeOf(saliencyAtSwitch, stages, {
        switchPoints: await recorded(saliencyAtSwitch),
        unrepeated: 'gradient',
      }),
    ).toMatchObject({ status: 'failed', check: 'repeat' });
  });

  it('where float64 itself differs from the golden', async () => {
    const other = { ...saliencyAtSwitch, target: { class: 1 } };
    const fresh = new Oracle({ deadlineMs: 60_000 });
    const port = {
      id: 'cpu',
      own: true,
      tier: 'float32',
      timeEstimate: null,
      switchPoints: () => recorded(other),
      sketch: async () => null,
      another: () => null,
      finish: async () => null,
      stop: () => undefined,
    } as const;
    const stages = { ...(await rightly(other)), logits: golden.readGolden(other.id).stages['logits']! };
    const answering: Port = {
      ...port,
      open: async () => ({ kind: 'unavailable', reason: '' }),
      explain: async () => ({
        kind: 'answered',
        stages,
        milliseconds: 1,
        unrepeated: null,
        leaked: 0,
        peakBytes: null,
      }),
    };
    try {
      expect((await runCase(golden, other, answering, fresh)).outcome).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(/float64 itself differs/) as string,
      });
    } finally {
      fresh.stop();
    }
  });
});

describe('a foreign port', () => {
  const foreign = { own: false };
  it.each([
    [
      'right: skipped',
      async () => rightly(saliencyAtSwitch),
      'skipped',
      /1 units may lie on either side of a switch point; this port gives no masks/,
    ],
    [
      'right, nothing but the attribution: skipped',
      async () => ({ attribution: (await rightly(saliencyAtSwitch))['attribution']! }),
      'skipped',
      /no masks/,
    ],
    [
      'wrong: failed',
      () => wrongly('softmax-target', saliencyAtSwitch),
      'failed',
      /stage "gradient" \(logits agrees\)/,
    ],
    [
      'with wrong logits: failed',
      async () => ({ ...(await rightly(saliencyAtSwitch)), logits: { shape: [1, 2], data: Float64Array.of(1, 1) } }),
      'failed',
      /stage "logits"/,
    ],
  ])('that is %s', async (_, answer, status, reason) => {
    const outcome = await outcomeOf(saliencyAtSwitch, await answer(), foreign);
    expect([outcome.status, outcome.reason]).toEqual([status, expect.stringMatching(reason)]);
  });

  it('whose answer is none of those stored for the units at risk fails', async () => {
    expect(await outcomeOf(storedFlips, await rightly(storedFlips), foreign)).toMatchObject({
      status: 'failed',
      stage: 'gradient',
    });
  });

  it('that answers differently each time fails', async () => {
    expect(
      (await outcomeOf(saliencyAtSwitch, await rightly(saliencyAtSwitch), { ...foreign, unrepeated: 'attribution' }))
        .status,
    ).toBe('failed');
    const wrong = { ...(await rightly(saliencyAtSwitch)), logits: { shape: [1, 2], data: Float64Array.of(1, 1) } };
    expect(await outcomeOf(saliencyAtSwitch, wrong, { ...foreign, unrepeated: 'logits' })).toMatchObject({
      reason: expect.stringMatching(/\ncould be: dropout is active, .*\nremedy: Run the network in evaluation mode/),
      cause: { certain: false, mutants: [] },
    });
  });
});
