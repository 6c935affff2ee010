import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TemporaryFolder } from './temporary-folder.js';

it('is removed with what is in it, once or twice', () => {
  const folder = new TemporaryFolder('touchstone-test-');
  writeFileSync(join(folder.path, 'file'), '');
  folder.remove();
  folder.remove();
  expect(existsSync(folder.path)).toBe(false);
});

const signals: NodeJS.Signals[] = process.platform === 'win32' ? [] : ['SIGKILL', 'SIGINT'];
it.each(signals)('is removed after %s', async (signal) => {
  const index = new URL('../dist/index.js', import.meta.url).href;
  const program = `
    import { writeFileSync } from 'node:fs';
    import { TemporaryFolder } from ${JSON.stringify(index)};
    const { path } = new TemporaryFolder('touchstone-test-');
    writeFileSync(path + '/file', '');
    console.log(path);
    setInterval(() => 0, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 2] });
  const path = await new Promise<string>((resolve) =>
    child.stdout!.once('data', (text) => resolve(String(text).trim())),
  );
  expect(existsSync(join(path, 'file'))).toBe(true);
  child.kill(signal);
  await expect.poll(() => existsSync(path), { timeout: 60_000, interval: 50 }).toBe(false);
});
