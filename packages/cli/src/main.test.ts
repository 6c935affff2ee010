/** The command never ends silently: not when a reader closes its pipe, and not when it waits for what cannot come. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { line, scratch } from './testing/touchstone.js';

const { folder, touchstone } = scratch();

const wrongPort = `const zeros = { shape: [1, 1, 32, 32], data: new Float32Array(1024) };
  export default { name: 'wrong', version: '1', methods: { saliency: async () => ({ attribution: zeros }) } };`;

test('a reader of stderr that leaves does not end the run', async () => {
  const ended = await touchstone(line`verify --case saliency/tiny-vgg/cat-32 --backend cpu --report one`, (child) =>
    child.stderr!.destroy(),
  );
  expect(ended).toEqual({ status: 0, stdout: expect.stringContaining('1 passed, 0 failed') as string, stderr: '' });
  expect(await readFile(join(folder, 'one/results.ndjson'), 'utf8')).toContain('"footer"');
});

test('a reader of stdout that leaves does not turn a failure into a success', async () => {
  writeFileSync(join(folder, 'wrong.mjs'), wrongPort);
  const ended = await touchstone(line`verify --case saliency/tiny-vgg/cat-32 --port ./wrong.mjs`, (child) =>
    child.stdout!.destroy(),
  );
  expect(ended).toMatchObject({ status: 1, stdout: '' });
});

test('a command that waits for what cannot come says that it is not complete: status 4', () => {
  const main = JSON.stringify(fileURLToPath(new URL('../dist/main.js', import.meta.url)));
  const program = `import { main } from ${main};
    await main([], { parseAsync: () => new Promise(() => undefined) });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
  expect(stderr).toMatch(/^error: internal: the command ended before it was complete: .*\n {2}hint: .*\n$/);
});
