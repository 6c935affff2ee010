/** Ports that are processes, as the commands besides `verify` and `port check` meet them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { input, line, published, scratch } from './testing/touchstone.js';

const { folder } = scratch();
const [example, client] = ['../../../tools/ports/example-port.mjs', '../../port/dist/index.js'].map((path) =>
  JSON.stringify(new URL(path, import.meta.url).href),
);

/** The example port, served; `spoil` runs first. */
async function served(name: string, spoil: string): Promise<string> {
  const file = join(folder, `${name}.mjs`);
  const serve = `import port from ${example}; import { servePort } from ${client};\n${spoil}\nawait servePort(port);`;
  await writeFile(file, serve);
  return `cmd:'${process.execPath}' '${file}'`;
}

const silent = `const write = process.stdout.write;
  process.stdout.write = function (text, ...more) {
    return text.includes('"bye"') ? process.exit(0) : write.call(this, text, ...more);
  };`;

const broke =
  /^✗ example-port: at its end: the port ended with status 0\nincomplete: from a port that broke the rules, so/m;

it('explain: right answers of a port that ends without a word do not count, status 4', async () => {
  const port = await served('silent', silent);
  const { status, stdout } = await inProcess(
    line`explain saliency/bias-free/rocket-32 --report ${join(folder, 'report')} --port ${port}`,
  );
  expect([status, stdout]).toEqual([
    4,
    expect.stringMatching(/^✓ saliency\/bias-free\/rocket-32 on example-port: pass/),
  ]);
  expect(stdout).toMatch(broke);
});

it('laws: a port that keeps the rules', async () => {
  const port = await served('right', '');
  const { status, stdout } = await inProcess(line`laws --port ${port} --law L10 --runs 2 --seed 5 --json -`);
  expect([status, published('laws', stdout)]).toMatchObject([
    0,
    {
      subjects: [{ name: 'example-port', device: 'example-port 1.0.0' }],
      results: [{ law: 'L10', status: 'held', judged: 2, unanswered: 0 }],
      faults: [],
    },
  ]);
});

it('laws: those that hold on a port that ends without a word do not count, status 4', async () => {
  const port = await served('silent', silent);
  const { status, stdout } = await inProcess(line`laws --port ${port} --law L10 --runs 1 --seed 5`);
  expect([status, stdout]).toEqual([4, expect.stringMatching(/^L10 +1 +one linear layer/m)]);
  expect(stdout).toMatch(broke);
});

it('compare: engines that agree do not count where one ends without a word, status 4', async () => {
  const port = await served('silent', silent);
  const { status, stdout } = await inProcess(
    line`compare --network bias-free --input ${input} --target 1 --port ${port}`,
  );
  expect([status, stdout]).toEqual([4, expect.stringMatching(/✓ backwards: float64 and example-port agree/)]);
  expect(stdout).toMatch(broke);
});
