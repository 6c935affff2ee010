import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { line, published, scratch, workIn } from './testing/touchstone.js';

const { folder, touchstone } = scratch();
workIn(folder);
const examplePort = fileURLToPath(new URL('../../../tools/ports/example-port.mjs', import.meta.url));

test('a right port: laws hold, and those that it cannot answer are skipped with the reason', async () => {
  const { status, stdout } = await inProcess(
    line`laws --port ${examplePort} --law L2 L10 L10b L30 --runs 3 --seed 5 --json -`,
  );
  const { seed, subjects, results } = published('laws', stdout);
  expect(status).toBe(0);
  expect(seed).toBe(5);
  expect(subjects).toEqual([{ name: 'example-port', device: 'example-port 1.0.0', unavailable: null }]);
  const by = Object.fromEntries(results.map((result) => [result.law, result]));
  expect(by['L10']).toMatchObject({ status: 'held', judged: 3, unanswered: 0 });
  expect(by['L10b']).toMatchObject({ status: 'held', reason: null, counterExample: null });
  expect(by['L10b']!.unanswered).toBeGreaterThan(0);
  expect(by['L2']).toMatchObject({ status: 'skipped', reason: 'a port has no hooks on modules' });
  expect(by['L30']).toMatchObject({
    status: 'skipped',
    judged: 0,
    reason: expect.stringMatching(/the port has no method "(grad|hires)-cam"/),
  });
});

test('a wrong port that answers only attribution: shrunk, with the command that repeats it; status 1', async () => {
  const right = readFileSync(examplePort, 'utf8');
  const wrong = right.replace(
    'return { logits: value, gradient, attribution: reduce(gradient, params.reduce) };',
    'gradient.data = gradient.data.map((g) => 2 * g);\n  return { attribution: reduce(gradient, params.reduce) };',
  );
  expect(wrong).not.toBe(right);
  writeFileSync(join(folder, 'wrong.mjs'), wrong);
  const { status, stdout, stderr } = await inProcess(line`laws --port ./wrong.mjs --law L10 --seed 5`);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^L10 +broken {2}one linear layer/m);
  expect(stdout).toMatch(/✗ L10 on example-port: [^]* gradient and weight row: \d+ of \d+ values differ/);
  expect(stdout).not.toContain('\u001b');
  expect(stderr).not.toMatch(/^\s+at /m);
  const [, replay] = /replay: npx touchstone (.*)\n/.exec(stdout)!;
  expect(replay).toMatch(/^laws --port \.\/wrong\.mjs --law L10 --seed \d+ --path [\d:]+$/);
  const again = await inProcess([...replay!.split(' '), '--json', 'again.json']);
  expect(again.status).toBe(1);
  const [result] = published('laws', readFileSync(join(folder, 'again.json'), 'utf8')).results;
  const [, difference] = /^ {2}(gradient and weight row: .*)$/m.exec(stdout)!;
  expect(result!.counterExample).toMatchObject({ difference, replay: `npx touchstone ${replay}` });
});

test('a law that is judged on nothing is no success: status 4', async () => {
  expect(await inProcess(line`laws --port ${examplePort} --law L2`)).toMatchObject({
    status: 4,
    stderr: expect.stringMatching(/error: .*no law was judged: a port has no hooks on modules\n {2}hint: /),
  });
});

test('Ctrl-C ends it within an example: status 130', async () => {
  const waits = "process.kill(process.ppid, 'SIGINT'); return new Promise(() => {});";
  const port = `export default { name: 'waits', version: '1', methods: { saliency: async () => { ${waits} } } };`;
  writeFileSync(join(folder, 'waits.mjs'), port);
  const ended = await touchstone(line`laws --port ./waits.mjs --law L10`);
  expect(ended).toMatchObject({ status: 130, stdout: '', stderr: expect.stringMatching(/interrupted\n$/) });
});
