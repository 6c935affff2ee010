/** The results of all shards of a plan as those of one run. */
import {
  exitStatusOf,
  skipFindings,
  TouchstoneError,
  type Footer,
  type Header,
  type Outcome,
  type Part,
  type Results,
  type SkipLimit,
} from '@touchstone/contract';
import { controlsHold } from './controls.js';
import { footerOf, summarise, type Summary } from './summary.js';
import type { Verification } from './verify.js';

/** The results of one shard, and whose they are. */
export interface ShardResults {
  readonly path: string;
  readonly results: Results;
}

export type Merged = Pick<Verification, 'header' | 'outcomes' | 'exitStatus'> & {
  readonly footer: Footer;
  readonly summary: Summary;
};

interface Checked extends ShardResults {
  readonly part: Part & { readonly shard: number };
}

export interface MergeShardsOptions {
  /** The command that runs a shard again. @param path what it left; null: nothing */
  readonly commandFor: (part: Part, shard: number, path: string | null) => string;
  /** The most cases that may be skipped or not answered, of all shards together; more are a finding. */
  readonly maxSkipped?: SkipLimit | undefined;
}

/**
 * @throws TouchstoneError `bad-input` for what is not of one plan or contradicts itself; `incomplete` where a shard is
 * missing or has not ended, or shows that it did not judge
 */
export function mergeShards(files: readonly ShardResults[], { commandFor, maxSkipped }: MergeShardsOptions): Merged {
  const shards = files.map(withPart).toSorted((a, b) => a.part.shard - b.part.shard);
  const [first] = shards;
  if (first === undefined) throw new TouchstoneError('bad-input', 'no results are given', 'Give those of each shard.');
  for (const other of shards.slice(1)) checkSame(first, other);
  checkComplete(shards, commandFor);
  const rows = new Map<number, readonly Outcome[]>();
  for (const shard of shards)
    for (const [i, row] of rowsOf(shard).entries()) {
      const place = shard.part.places[i]!;
      if (rows.has(place)) throw contradicting(shard, `the case at place ${place} is in two shards`);
      rows.set(place, row);
    }
  if (rows.size !== first.part.total)
    throw contradicting(first, `the shards have ${rows.size} of ${first.part.total} cases`);
  const inOrder = Array.from({ length: rows.size }, (_, place) => rows.get(place)!);
  const outcomes = inOrder.flat().concat(shards.flatMap(lackingOf));
  refuseDoubled(first, outcomes);
  const footers = shards.map(({ results }) => results.footer!);
  const header = headerOf(shards);
  const findings = new Set(footers.flatMap((footer) => footer.findings ?? []));
  for (const finding of skipFindings(outcomes, header.unavailable, maxSkipped)) findings.add(finding);
  const summary = summarise(outcomes, [...findings], [], true, first.part.named);
  const controls = footers.flatMap((footer) => footer.controls ?? []);
  const milliseconds = footers.reduce((sum, footer) => sum + footer.milliseconds, 0);
  return {
    header,
    outcomes,
    summary,
    exitStatus: exitStatusOf(summary),
    footer: footerOf(summary, controls, milliseconds),
  };
}

function withPart({ path, results }: ShardResults): Checked {
  const { plan } = results.header;
  if (plan === undefined || plan.shard === null)
    throw new TouchstoneError(
      'bad-input',
      `${path} is not of a shard${plan === undefined ? ': it has no plan' : ', but of all, merged already'}`,
      'Give results that "touchstone verify --shard i/n" wrote.',
    );
  return { path, results, part: { ...plan, shard: plan.shard } };
}

/** That two shards are different ones of the same plan, of the same implementation. */
function checkSame(first: Checked, other: Checked): void {
  const [one, two] = [first.results.header, other.results.header];
  // Of made goldens the hash is of one machine.
  const goldenOf = ({ golden }: Header): string => (first.part.hash === other.part.hash ? '' : golden.slice(0, 12));
  const aspects: readonly (readonly [what: string, a: string | number, b: string | number, remedy: string])[] = [
    ['versions of Touchstone', one.touchstone, two.touchstone, 'Run all shards with one version of Touchstone'],
    ['numbers of shards', first.part.shards, other.part.shards, 'Give the shards of one run'],
    ['ports', portText(one), portText(two), 'Judge one port'],
    ['goldens', goldenOf(one), goldenOf(two), 'Use the same goldens everywhere'],
    ['numbers of cases', first.part.total, other.part.total, sameOptions],
    ['options', first.part.words.join(' '), other.part.words.join(' '), sameOptions],
    ['plans', first.part.hash.slice(0, 12), other.part.hash.slice(0, 12), `${sameOptions} and the same port`],
    ['backends', backendsText(one), backendsText(two), 'Name those that all machines have with --backend'],
  ];
  const differing = aspects.find(([, a, b]) => a !== b);
  if (differing === undefined) return;
  const [what, a, b, remedy] = differing;
  throw new TouchstoneError(
    'bad-input',
    `${first.path} and ${other.path} have different ${what}: ${a} and ${b}`,
    `${remedy}, and run ${other.path} again.`,
  );
}

const sameOptions = 'Give all shards the same options';

function portText({ port: { name, version } }: Header): string {
  return `${name} ${version}`;
}

function doubled({ path, part }: Checked, other: Checked): TouchstoneError {
  return new TouchstoneError(
    'bad-input',
    `${path} and ${other.path} are both shard ${part.shard}/${part.shards}`,
    'Give each shard once.',
  );
}

/** @param shards sorted */
function checkComplete(shards: readonly Checked[], commandFor: MergeShardsOptions['commandFor']): void {
  for (const [i, shard] of shards.entries())
    if (shards[i + 1]?.part.shard === shard.part.shard) throw doubled(shard, shards[i + 1]!);
  const { part } = shards[0]!;
  const problems: { readonly shard: number; readonly why: string; readonly path: string | null }[] = [];
  for (let shard = 1; shard <= part.shards && problems.length < maxProblems; shard++) {
    const given = shards.find((one) => one.part.shard === shard);
    const path = given?.path ?? null;
    if (given === undefined) problems.push({ shard, why: 'is missing', path });
    else if (given.results.footer === null) problems.push({ shard, why: `has not ended (${given.path})`, path });
    else if (part.shards > 1 && !controlsHold(given.results.footer.controls ?? []))
      problems.push({ shard, why: `judged a control wrongly (${given.path})`, path });
  }
  const [first] = problems;
  if (first === undefined) return;
  throw new TouchstoneError(
    'incomplete',
    problems.map(({ shard, why }) => `shard ${shard}/${part.shards} ${why}`).join(', '),
    `Run, then merge again: ${commandFor(part, first.shard, first.path)}`,
  );
}

/** Those that are named. */
const maxProblems = 20;

/** Backends of which each case has an outcome. */
function backendsOf({ header: { backends, unavailable } }: Results): number {
  return backends.length + unavailable.length;
}

/** The outcomes of each case. */
function rowsOf(shard: Checked): Outcome[][] {
  const { results, part } = shard;
  const { backends, unavailable } = results.header;
  const count = backendsOf(results);
  const ids = [...backends, ...unavailable].map(({ id }) => id).toSorted();
  if (part.shard > 1 && results.outcomes.length > part.places.length * count)
    throw contradicting(shard, 'it has more outcomes than its plan');
  return part.places.map((_, i) => {
    const row = results.outcomes.slice(i * count, (i + 1) * count);
    const found = row.map(({ backend }) => backend).toSorted();
    if (found.join(' ') !== ids.join(' ') || row.some((outcome) => outcome.case !== row[0]!.case))
      throw contradicting(shard, `the outcomes of its case ${i + 1} are not one for each of its backends`);
    return row;
  });
}

/** Those of the methods that a port lacks, which come after the cases of the plan. */
function lackingOf(shard: Checked): Outcome[] {
  const lacking = shard.results.outcomes.slice(shard.part.places.length * backendsOf(shard.results));
  if (lacking.every(({ status }) => status === 'skipped')) return lacking;
  throw contradicting(shard, 'it has more outcomes than its plan');
}

function refuseDoubled(shard: Checked, outcomes: readonly Outcome[]): void {
  const keys = new Set<string>();
  for (const { case: id, backend } of outcomes) {
    const key = JSON.stringify([id, backend]);
    if (keys.has(key)) throw contradicting(shard, `${id} on ${backend} is in two shards`);
    keys.add(key);
  }
}

function contradicting({ path }: ShardResults, why: string): TouchstoneError {
  return new TouchstoneError('bad-input', `${path} contradicts its plan: ${why}`, 'Run this shard again.');
}

function backendsText({ backends, unavailable }: Header): string {
  const ids = backends.map(({ id, precision }) => `${id} in ${precision}`);
  return [...ids, ...unavailable.map(({ id }) => `${id} unavailable`)].join(', ');
}

/** Of all machines; began with the first of them. */
function headerOf(shards: readonly Checked[]): Header {
  const headers = shards.map(({ results }) => results.header);
  const { part } = shards[0]!;
  const distinct = (texts: readonly string[]): string => [...new Set(texts)].join('; ');
  return {
    ...headers[0]!,
    started: headers.map(({ started }) => started).toSorted()[0]!,
    machine: distinct(headers.map(({ machine }) => machine)),
    backends: headers[0]!.backends.map(({ id, precision }, i) => ({
      id,
      device: distinct(headers.map(({ backends }) => backends[i]!.device)),
      precision,
      softwareRenderer: headers.some(({ backends }) => backends[i]!.softwareRenderer),
    })),
    plan: { ...part, shard: null, places: Array.from({ length: part.total }, (_, place) => place) },
  };
}
