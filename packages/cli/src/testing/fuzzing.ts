/** `touchstone fuzz` in a folder of its own, with a script in the place of Python. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { inProcess } from './in-process.js';
import { scratch, workIn, type Ended } from './touchstone.js';

interface Fuzzing {
  readonly folder: string;
  readonly touchstone: (...args: readonly string[]) => Promise<Ended>;
}

/** @param stage the only one that the program ./python answers to every request, with one zero */
export function fuzzing(what: 'hooks' | 'methods', stage: string): Fuzzing {
  const { folder } = scratch();
  workIn(folder);
  beforeAll(() => vi.stubEnv('TOUCHSTONE_PYTHON', ''));
  afterAll(() => vi.unstubAllEnvs());
  const file = join(folder, 'python');
  writeFileSync(
    file,
    `#!${process.execPath}
const readline = require('node:readline');
console.log(JSON.stringify({ ready: true, torch: '9.9' }));
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const stages = [[${JSON.stringify(stage)}, { shape: [1], data: [0] }]];
  console.log(JSON.stringify(JSON.parse(line).map(({ seq }) => ({ seq, stages }))));
});
`,
  );
  chmodSync(file, 0o755);
  return { folder, touchstone: (...args) => inProcess(['fuzz', what, ...args]) };
}
