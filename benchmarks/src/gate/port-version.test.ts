/** On a small repository with a port, one commit back. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { temporaryRepository } from '../testing/repository.js';
import { gatePort } from './gate-port.js';
import { withPortVersion, type PlacedPort } from './port-version.js';

const { repository, write, commit, worktrees } = temporaryRepository();
const port = join(repository, 'ports/port.mjs');

const portOf = (times: number) => `
import { answer } from 'answers';
export default {
  name: 'small port',
  version: '1',
  methods: {
    saliency({ inputs: { x: { shape: [n, , h, w] } } }) {
      console.log('a line that is no answer');
      let sum = 0;
      for (let i = 0; i < ${times}; i++) sum += Math.sin(i);
      return { attribution: { shape: [n, 1, h, w], data: new Float32Array(n * h * w).fill(sum * answer) } };
    },
  },
};`;

beforeAll(() => {
  write('.gitignore', 'node_modules/\nprepared\n');
  write('ports/package.json', '{"name":"small-port","type":"module"}');
  write('ports/port.mjs', portOf(200_000));
  commit('one');
  write('ports/node_modules/answers/package.json', '{"name":"answers","type":"module","exports":"./index.js"}');
  write('ports/node_modules/answers/index.js', 'export const answer = 42;');
  write('ports/port.mjs', portOf(50_000));
});

it('a commit has the port as it was, with the packages that are installed, and is removed', async () => {
  const seen = await withPortVersion(
    'HEAD',
    port,
    async (placed) => ({
      placed,
      text: readFileSync(placed.port, 'utf8'),
      packages: realpathSync(join(dirname(placed.port), 'node_modules')),
    }),
    {},
  );
  expect(seen).toMatchObject({ text: portOf(200_000), packages: join(repository, 'ports/node_modules') });
  expect([existsSync(seen.placed.port), worktrees()]).toEqual([false, 1]);
});

it('--prepare runs in the folder of the package, instead of linking its packages', async () => {
  const seen = await withPortVersion(
    'HEAD',
    port,
    async (placed) => ['prepared', 'node_modules'].map((name) => existsSync(join(dirname(placed.port), name))),
    { prepare: 'touch prepared' },
  );
  expect(seen).toEqual([true, false]);
});

it('the port as it is, another module, and a command', async () => {
  const placed = (version: string | undefined, of = port) =>
    withPortVersion(version, of, async (one): Promise<PlacedPort> => one, {});
  expect(await placed(undefined)).toEqual({ port, folder: process.cwd() });
  expect(await placed(port, '/elsewhere/port.mjs')).toEqual({ port, folder: process.cwd() });
  expect(await placed('cmd:python old.py')).toEqual({ port: 'cmd:python old.py', folder: process.cwd() });
});

it.each([
  { version: 'no-such-branch', says: 'is neither a commit' },
  { version: 'npm:Answers', says: 'names no version of an npm package' },
  { version: 'npm:--global@1', says: 'names no version of an npm package' },
  { version: 'npm:a@1;touch x', says: 'names no version of an npm package' },
  { version: './absent.mjs', says: 'no such file' },
  { version: 'HEAD', of: 'later.mjs', says: 'HEAD has no ports/later.mjs' },
])('--base $version is refused: $says', async ({ version, of = 'port.mjs', says }) => {
  const there = join(repository, 'ports', of);
  await expect(withPortVersion(version, there, async () => null, {})).rejects.toThrow(says);
  expect(worktrees()).toBe(1);
});

// One block: the port is four times as fast, and only "slower" is confirmed.
const quick = { rounds: 4, blocks: [1, 1] } as const;

it('a port that is faster than at its last commit is not slower, by the processor time of real processes', async () => {
  const golden = join(import.meta.dirname, '../../../golden');
  const [row, ...others] = await gatePort({ port, base: 'HEAD', golden, onProgress: () => undefined, ...quick });
  expect(others).toEqual([]);
  expect(row).toMatchObject({ benchmark: 'saliency', backend: 'small port', clock: 'processor', runs: 1 });
  // Where the machine is uneven meanwhile, the control says so.
  expect(['not slower', 'inconclusive']).toContain(row!.verdict);
}, 180_000);
