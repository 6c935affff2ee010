/** A run that is ended at any moment is completed by the next, as if it had never been interrupted. */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseResults, type Outcome, type Results } from '@touchstone/contract';
import { openGolden } from '../golden/golden-store.js';
import { linearCase, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { planShard } from './plan.js';
import { verify } from './verify.js';

const folder = temporaryFolder();
const root = join(folder, 'golden');
writeLinearGolden(root);
const golden = openGolden(root);
const choice = { backends: ['float64'] };
const plan = planShard(
  { cases: [0, 3, 5, 23].map(linearCase), golden, choice, deadlineMs: 1000 },
  { shard: 1, shards: 1 },
);
const dir = join(folder, 'run');
const read = (name: string): Results => parseResults(readFileSync(join(dir, name), 'utf8'), name);

async function run(options: { resume?: boolean; stopAfter?: number } = {}): Promise<{ ran: string[] }> {
  const ran: string[] = [];
  const stopping = new AbortController();
  await verify({
    golden,
    cases: plan.cases,
    part: plan.part,
    ...choice,
    resultsDir: dir,
    resume: options.resume,
    signal: stopping.signal,
    onProgress: (outcome, { done, total }) => {
      expect([total, done <= total]).toEqual([4, true]);
      ran.push(`${outcome.case} on ${outcome.backend}`);
      if (ran.length === options.stopAfter) stopping.abort();
    },
  });
  return { ran };
}

const withoutCost = ({ outcomes }: Results): Outcome[] =>
  outcomes.map((outcome) => ({ ...outcome, milliseconds: undefined, peakBytes: undefined }) as Outcome);

let whole: Results;
let text: string;
beforeAll(async () => {
  await run();
  whole = read('results.ndjson');
  text = readFileSync(join(dir, 'results.ndjson'), 'utf8');
}, 60_000);

function expectWhole(): void {
  expect(readdirSync(dir)).toEqual(['results.ndjson']);
  expect(withoutCost(read('results.ndjson'))).toEqual(withoutCost(whole));
  expect(read('results.ndjson').footer).toMatchObject({ ...whole.footer, milliseconds: expect.any(Number) as number });
}

it('an interrupted run keeps its outcomes, and the next runs the others only', async () => {
  rmSync(dir, { recursive: true });
  const first = await run({ stopAfter: 2 });
  expect(readdirSync(dir)).toEqual(['results.partial.ndjson']);
  const partial = read('results.partial.ndjson');
  expect([partial.footer, partial.outcomes.length]).toEqual([null, 2]);
  const rest = await run({ resume: true });
  expect(first.ran.concat(rest.ran).toSorted()).toEqual(
    whole.outcomes.map((o) => `${o.case} on ${o.backend}`).toSorted(),
  );
  expectWhole();
  expect(read('results.ndjson').header.started).toBe(partial.header.started);
});

describe('a run that is killed', () => {
  const lines = (): string[] => text.split('\n');
  it.each([
    ['after its header', () => `${lines()[0]}\n`, 4],
    ['within an outcome', () => `${lines().slice(0, 3).join('\n')}\n${lines()[3]!.slice(0, 40)}`, 2],
    ['before the end of a line', () => lines().slice(0, 4).join('\n'), 1],
    ['after its last outcome', () => `${lines().slice(0, 5).join('\n')}\n`, 0],
  ] as const)('%s', async (_, left, missing) => {
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
    writeFileSync(join(dir, 'results.partial.ndjson'), left());
    expect((await run({ resume: true })).ran).toHaveLength(missing);
    expectWhole();
  });

  it('when all is written: nothing runs twice', async () => {
    writeFileSync(join(dir, 'results.partial.ndjson'), `${lines()[0]}\n`);
    expect((await run({ resume: true })).ran).toHaveLength(0);
    expectWhole();
  });
});

it.each([
  ['another plan', (header: string) => header.replace(plan.part.hash, 'b'.repeat(64)), /another plan/],
  ['another shard', (header: string) => header.replace('"shard":1', '"shard":2'), /it is shard 2, this is 1/],
  ['no plan', (header: string) => header.replace('"plan"', '"other"'), /it has no plan/],
  ['another port', (header: string) => header.replace('"name":"touchstone"', '"name":"mine"'), /of mine/],
  ['other backends', (header: string) => header.replace('"float64"', '"webgl"'), /webgl in/],
])('%s is not continued, and stays', async (_, change, why) => {
  rmSync(dir, { recursive: true });
  mkdirSync(dir);
  const left = `${change(text.split('\n')[0]!)}\n`;
  writeFileSync(join(dir, 'results.partial.ndjson'), left);
  await expect(run({ resume: true })).rejects.toThrow(why);
  expect(readFileSync(join(dir, 'results.partial.ndjson'), 'utf8')).toBe(left);
});
