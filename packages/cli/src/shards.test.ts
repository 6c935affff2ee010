import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openGolden, planShard, selectCases } from '@touchstone/harness';
import { expect, test } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { golden, line, outcomesOf, scratch, workIn } from './testing/touchstone.js';

const { folder, touchstone } = scratch();
workIn(folder);

/** Waits within its second case of a shard, until the file `go` exists. */
writeFileSync(
  join(folder, 'port.mjs'),
  `import { existsSync, writeFileSync } from 'node:fs';
  let cases = new Set();
  const saliency = async ({ inputs: { x }, classes, params }) => {
    cases.add(JSON.stringify([x.shape, classes, params, x.data[5]]));
    if (process.env.SLOW && cases.size === 2) {
      writeFileSync('waiting', '');
      while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw Object.assign(new Error('not here'), { code: 'E' });
  };
  export default { name: 'slow', version: '1', methods: { saliency } };`,
);
const ids = ['saliency/pool-ceil/*', 'saliency/pool-overlapping/*', 'saliency/tiny-vgg/cat-32*'];
const cases = line`--case ${ids.join(',')} --port ./port.mjs`;

/** Which of four shards has most cases: at least two of the seven. */
function largest(): number {
  const store = openGolden(golden);
  const plan = { cases: selectCases(store.cases, { cases: ids }), golden: store, choice: {}, deadlineMs: 0 };
  const sizes = [1, 2, 3, 4].map((shard) => planShard(plan, { shard, shards: 4 }).cases.length);
  return sizes.indexOf(Math.max(...sizes)) + 1;
}

test('one of four shards is killed: the merge is incomplete, and that shard alone completes it', async () => {
  const whole = await inProcess(line`verify ${cases} --report whole`);
  expect(whole.status).toBe(4);
  const killed = largest();
  for (const i of [1, 2, 3, 4].filter((shard) => shard !== killed))
    expect(await inProcess(line`verify ${cases} --shard ${i}/4 --report shards/${i}`)).toMatchObject({ status: 4 });
  process.env['SLOW'] = '1';
  await touchstone(line`verify ${cases} --shard ${killed}/4 --report shards/${killed}`, (child) => {
    const waiting = setInterval(() => {
      if (!existsSync(join(folder, 'waiting'))) return;
      clearInterval(waiting);
      child.kill('SIGKILL');
    }, 20);
    child.on('close', () => clearInterval(waiting));
  }).finally(() => delete process.env['SLOW']);
  writeFileSync(join(folder, 'go'), '');
  expect(await inProcess(line`merge shards --report shards/${killed}`)).toMatchObject({ status: 64 });
  expect(readdirSync(join(folder, `shards/${killed}`))).toContain('results.partial.ndjson');

  const { status, stderr } = await inProcess(line`merge shards --report merged`);
  const command = /npx touchstone (verify .* --shard \d\/4 --report shards\/\d --resume)$/m.exec(stderr)?.[1];
  expect([status, stderr]).toEqual([4, expect.stringMatching(`incomplete: shard ${killed}/4 has not ended`)]);
  expect(existsSync(join(folder, 'merged'))).toBe(false);

  expect(await inProcess(line`${command!.replaceAll("'", '').split(' ')}`)).toMatchObject({
    stderr: expect.stringMatching(/ outcomes? kept of the earlier run/),
  });
  const formats = line`--max-skipped 1 --junit junit.xml --badge badge.json`;
  const baseline = line`--expectations-out known.jsonc --link https://example.org/1`;
  const merged = await inProcess(line`merge shards --report merged --json merged.ndjson ${formats} ${baseline}`);
  expect(merged.status).toBe(whole.status);
  expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toContain('<testsuites name="touchstone" tests="7"');
  expect(readFileSync(join(folder, 'known.jsonc'), 'utf8')).toContain('"code":"port-error"');
  expect(outcomesOf('merged')).toEqual(outcomesOf('whole'));
  expect(merged.stdout).toMatch(/6 errored, 1 of 7 not answered in .* s\nnumbers: merged.index\.html\n$/);
  expect(readFileSync(join(folder, 'merged.ndjson'), 'utf8')).toBe(
    readFileSync(join(folder, 'merged/results.ndjson'), 'utf8'),
  );
}, 180_000);

test('how much may be skipped is judged over all shards', async () => {
  const merged = await inProcess(line`merge shards --max-skipped 14% --json all.ndjson --badge badge.json`);
  expect([merged.status, merged.stdout]).toEqual([
    1,
    expect.stringMatching(/^✗ 1 of 7 cases skipped or not answered/m),
  ]);
  for (const file of ['all.ndjson', 'badge.json'])
    expect(readFileSync(join(folder, file), 'utf8'), file).toMatch(/1 of 7 cases skipped|"color": "red"/);
});

test('an incomplete merge leaves nothing of an earlier one', async () => {
  expect(await inProcess(line`merge shards/1 --report merged --badge badge.json`)).toMatchObject({ status: 4 });
  expect([existsSync('badge.json'), existsSync('merged/index.html')]).toEqual([false, false]);
});

test.each([
  [line`merge shards --report shards/1`, /--report .* is also results/],
  [line`merge shards --junit shards/1/results.ndjson`, /--junit .* is also shard 1/],
  [line`merge shards --json - --annotations`, /--annotations would be among/],
  [line`verify ${cases} --shard 1/4 --max-skipped 1`, /--max-skipped is for all cases.*\n.*touchstone merge/],
])('%j is refused', async (args, why) => {
  expect(await inProcess(args)).toMatchObject({ status: 64, stderr: expect.stringMatching(why) });
});

test('nothing is written unasked, and it is said how to keep what was found', async () => {
  const before = readdirSync(folder);
  const { status, stdout } = await inProcess(line`verify --case saliency/pool-ceil/cat-17x23 --backend float64`);
  expect([status, stdout]).toEqual([0, expect.stringMatching(/\nnothing is kept: --report DIR keeps [^\n]*\n$/)]);
  const explained = await inProcess(line`explain saliency/pool-ceil/cat-17x23 --backend float64`);
  expect(explained.stdout).toMatch(/^ {4}images of each stage: add --report DIR$/m);
  expect(readdirSync(folder)).toEqual(before);
});
