/** `golden regen`; a script takes the place of Python. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { line, scratch } from './testing/touchstone.js';

const { folder, touchstone } = scratch();

writeFileSync(
  join(folder, 'python'),
  `#!${process.execPath}
if (process.argv.includes('-c')) process.exit(0);
require('node:fs').writeFileSync('pid', String(process.pid));
setInterval(() => undefined, 1000);
`,
  { mode: 0o755 },
);

test.skipIf(process.platform === 'win32')('SIGTERM ends the Python that makes goldens: status 143', async () => {
  const pid = join(folder, 'pid');
  const { status } = await touchstone(line`golden regen --python ./python`, (child) => {
    const waiting = setInterval(() => {
      if (!existsSync(pid) || readFileSync(pid, 'utf8') === '') return;
      clearInterval(waiting);
      child.kill('SIGTERM');
    }, 50);
    child.on('close', () => clearInterval(waiting));
  });
  expect(status).toBe(143);
  expect(() => process.kill(Number(readFileSync(pid, 'utf8')), 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
});
