import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Header } from '@touchstone/contract';
import { temporaryFolder } from '../testing/linear-golden.js';
import { ResultsFile } from './results-file.js';

const root = temporaryFolder();
const header = { kind: 'header' } as Header;
const footer = { kind: 'footer', passed: 0, failed: 0, skipped: 0, errored: 0, worst: {}, milliseconds: 0 } as const;

it('a link with the name of a results file is replaced, and what it names stays as it was', () => {
  const folder = join(root, 'links');
  mkdirSync(folder);
  for (const name of ['results.ndjson', 'results.partial.ndjson']) {
    writeFileSync(join(root, `foreign-${name}`), 'mine');
    symlinkSync(join(root, `foreign-${name}`), join(folder, name));
  }
  new ResultsFile(folder, header).finish([], footer);
  expect(readdirSync(folder)).toEqual(['results.ndjson']);
  expect(readFileSync(join(folder, 'results.ndjson'), 'utf8').split('\n')).toHaveLength(3);
  for (const name of readdirSync(root).filter((file) => file.startsWith('foreign-')))
    expect(readFileSync(join(root, name), 'utf8')).toBe('mine');
});

const hasFifo = spawnSync('mkfifo', [join(root, 'fifo')]).status === 0;
const kinds = [
  ['a folder', (path: string) => void mkdirSync(path)],
  ...(hasFifo ? [['a FIFO', (path: string) => void spawnSync('mkfifo', [path])] as const] : []),
] as const;
it.each(
  kinds.flatMap(([kind, put]) =>
    ['results.ndjson', 'results.partial.ndjson'].map((name) => [kind, name, put] as const),
  ),
)('%s named %s is refused at once, and earlier results stay', (kind, name, put) => {
  const folder = join(root, `${kind} ${name}`);
  mkdirSync(folder);
  put(join(folder, name));
  const other = join(folder, name === 'results.ndjson' ? 'results.partial.ndjson' : 'results.ndjson');
  writeFileSync(other, 'earlier');
  expect(() => new ResultsFile(folder, header)).toThrow(expect.objectContaining({ code: 'bad-input' }));
  expect(readFileSync(other, 'utf8')).toBe('earlier');
});
