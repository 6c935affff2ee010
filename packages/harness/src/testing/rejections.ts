/** Which checks reject a wrong answer, on real goldens in float64. For the tests, and for tools/harness/mutants.mjs. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sample, type CaseRow, type Stages } from '@touchstone/contract';
import { checkPostconditions, type Explanation, type Method } from '@touchstone/methods';
import { loadNetwork, type Network } from '@touchstone/network';
import { readNetworkFolder } from '@touchstone/session';
import type { Golden } from '../golden/golden-file.js';
import { openGolden } from '../golden/golden-store.js';
import { checkPostconditionStages, compareStages } from '../judge/compare-stages.js';
import { howPostconditionsFail } from '../judge/postconditions.js';
import { everyField } from './every-field.js';

export const golden = openGolden(join(fileURLToPath(import.meta.url), '../../../../../golden'));
/** Numbers that a case's network is given, which says how long the case takes in float64. */
const numbersOf = ({ input, params }: CaseRow): number =>
  golden.readInput(input).data.length * ((params as { samples?: number } | undefined)?.samples ?? 1);
/**
 * Those that take least come first. Large networks take long in float64; the small ones are made to catch faults.
 */
export const cases = golden.cases
  .filter(({ network, profile }) => profile === 'quick' && network !== 'efficientnet-lite0')
  .map((row) => ({ row, numbers: numbersOf(row) }))
  .toSorted((a, b) => a.numbers - b.numbers)
  .map(({ row }) => row);
const networks = new Map<string, Network>();

export function explanationOf(row: CaseRow): Explanation {
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

export type Run = (explanation: Explanation) => Promise<Stages>;

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

/** What rejects it, with whole goldens and with samples, each with its case; null: nothing does. */
interface Rejection {
  readonly plain: string | null;
  readonly sampled: string | null;
  /** The cases that were looked at and reject it. */
  readonly rows: readonly CaseRow[];
}

/**
 * Looks at the cases until `enough` of them reject the answer, with whole goldens and with samples.
 *
 * @param applies whether a case can reject it; the others are not run
 */
export async function rejectionOf(
  method: Method,
  rows: readonly CaseRow[],
  run: Run,
  enough: number,
  applies: (explanation: Explanation) => boolean = () => true,
): Promise<Rejection> {
  const plain: string[] = [];
  const small: string[] = [];
  const rejecting: CaseRow[] = [];
  for (const row of rows) {
    const explained = explanationOf(row);
    if (!applies(explained)) continue;
    const found = await refusal(method, golden.readGolden(row.id), explained, run);
    if (found.plain !== null) plain.push(`${found.plain} of ${row.id}`);
    if (found.sampled !== null) small.push(`${found.sampled} of ${row.id}`);
    if (found.plain !== null || found.sampled !== null) rejecting.push(row);
    if (plain.length >= enough && small.length >= enough) break;
  }
  return { plain: plain[enough - 1] ?? null, sampled: small[enough - 1] ?? null, rows: rejecting };
}
