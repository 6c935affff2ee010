/** The harness rejects every mutant, by a named check, on real goldens, and accepts the correct method. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import { sample, type CaseRow, type Stages } from '@touchstone/contract';
import { checkPostconditions, explain, findMethod, mutants, type Explanation, type Method } from '@touchstone/methods';
import { loadNetwork, type Network } from '@touchstone/network';
import { howPostconditionsFail } from './postconditions.js';
import { openGolden, type Golden } from '../golden/golden-store.js';
import { checkPostconditionStages, compareStages } from './compare-stages.js';
import { everyField } from '../testing/every-field.js';
import { readNetworkFolder } from '@touchstone/session';

const golden = openGolden(join(fileURLToPath(import.meta.url), '../../../../../golden'));
/** Large networks take long in float64; the small ones are made to catch faults. */
const cases = golden.cases.filter(({ network, profile }) => profile === 'quick' && network !== 'efficientnet-lite0');
const networks = new Map<string, Network>();

beforeAll(() => findBackend('float64').open());

function explanation(row: CaseRow): Explanation {
  const network = networks.get(row.network) ?? open(row.network);
  networks.set(row.network, network);
  return {
    network,
    x: golden.readInput(row.input),
    target: row.target,
    params: row.params,
    fixtures: golden.readFixtures(row.fixture),
  };
}

function open(name: string): Network {
  const { description, weights } = readNetworkFolder(golden.networkFolder(name));
  return loadNetwork(description, weights);
}

/** The golden as if it only had every seventh value. */
function sampled(golden: Golden): Golden {
  const { meta, stages, flips } = golden;
  const large = Object.entries(stages).filter(
    ([name, { data }]) => data.length > 100 && !Object.hasOwn(meta.sampled, name),
  );
  const samplings = Object.fromEntries(large.map(([name, { shape }]) => [name, { shape: [...shape], every: 7 }]));
  const kept = (whole: Stages): Stages =>
    Object.fromEntries(
      Object.entries(whole).map(([name, stage]) => [name, samplings[name] ? sample(stage, samplings[name]) : stage]),
    );
  return {
    ...golden,
    meta: { ...meta, sampled: { ...meta.sampled, ...samplings } },
    stages: kept(stages),
    flips: flips.map(kept),
  };
}

type Run = (explanation: Explanation) => Promise<Stages>;

/**
 * The check and the stage that reject the answer; null: it is accepted. Steps that only postconditions judge run only
 * if nothing else rejects it.
 */
async function refusal(
  method: Method,
  golden: Golden,
  explained: Explanation,
  run: Run,
): Promise<{ plain: string | null; sampled: string | null }> {
  const verdictOf = (against: Golden, stages: Stages): string | null => {
    const { status, check, stage } = everyField(compareStages(against, stages, 'every stage'));
    return status === 'failed' ? `${check} at stage ${stage}` : null;
  };
  const stages = await run({ ...explained, control: { comparedOnly: true } });
  const found = { plain: verdictOf(golden, stages), sampled: verdictOf(sampled(golden), stages) };
  if (Object.keys(golden.meta.claimed).length === 0 || (found.plain !== null && found.sampled !== null)) return found;
  const answer = await run(explained);
  const incomplete = checkPostconditionStages(golden, answer, 'every stage');
  const shape = incomplete && everyField(incomplete);
  const conditions =
    shape === null ? await checkPostconditions(method, explained, answer, golden.postconditionStages) : [];
  const broken =
    shape === null
      ? howPostconditionsFail(conditions) === null
        ? null
        : 'postcondition at stage attribution'
      : `${shape.check} at stage ${shape.stage}`;
  return { plain: found.plain ?? broken, sampled: found.sampled ?? broken };
}

/** What rejects it, and in which case, with whole goldens and with samples; null: nothing does. */
interface Rejection {
  readonly plain: string | null;
  readonly sampled: string | null;
  readonly rows: readonly CaseRow[];
}

async function rejection(method: Method, rows: readonly CaseRow[], run: Run): Promise<Rejection> {
  let plain: string | null = null;
  let small: string | null = null;
  const rejecting: CaseRow[] = [];
  for (const row of rows) {
    const found = await refusal(method, golden.readGolden(row.id), explanation(row), run);
    if ((plain === null && found.plain !== null) || (small === null && found.sampled !== null)) rejecting.push(row);
    plain ??= found.plain && `${found.plain} of ${row.id}`;
    small ??= found.sampled && `${found.sampled} of ${row.id}`;
    if (plain !== null && small !== null) break;
  }
  return { plain, sampled: small, rows: rejecting };
}

describe.each([...new Set(mutants.flatMap(({ of }) => of))])('%s', (id) => {
  const method = findMethod(id);
  const rows = cases.filter((row) => row.method === id);
  const rejecting = new Set<CaseRow>();

  it.each(mutants.filter(({ of }) => of.includes(id)).map((mutant) => [mutant.id, mutant] as const))(
    '%s is rejected',
    async (_name, mutant) => {
      const rejected = await rejection(method, rows, (explained) => mutant.explain(method, explained));
      for (const row of rejected.rows) rejecting.add(row);
      console.info(`${mutant.id} of ${id}: ${rejected.plain ?? 'accepted'}`);
      expect(rejected.plain, mutant.fault).toMatch(/^(shape|non-finite|e2|eMax|stages|postcondition) at stage /);
      expect(rejected.sampled, `${mutant.fault}, where goldens keep samples`).toMatch(
        /^(shape|non-finite|e2|eMax|stages|postcondition) at stage /,
      );
    },
  );

  it('itself is accepted in the cases that reject its mutants', async () => {
    const correct: Run = async (explained) => (await explain(method, explained)).stages;
    expect(await rejection(method, [...rejecting], correct)).toEqual({ plain: null, sampled: null, rows: [] });
  });
});
