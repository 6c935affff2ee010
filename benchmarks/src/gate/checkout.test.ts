/** On a small repository of the same shape, with a build that leaves a mark. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { temporaryRepository } from '../testing/repository.js';
import { withCheckout } from './checkout.js';
import { resolveCommit } from './worktree.js';

const { repository, write, commit, worktrees } = temporaryRepository();

let old: string;
let base: string;
let broken: string;

beforeAll(() => {
  write('.gitignore', 'node_modules/\n');
  write('package.json', JSON.stringify({ name: 'small', private: true, scripts: { build: 'node build.cjs' } }));
  write('build.cjs', "require('node:fs').writeFileSync('built', process.argv.slice(2).join(' '));");
  write('package-lock.json', '{}');
  write('packages/contract/package.json', '{"name":"@touchstone/contract"}');
  old = commit('older than the gate');
  write('benchmarks/package.json', '{"name":"@touchstone/benchmarks"}');
  write('benchmarks/src/gate/unit.ts', '');
  base = commit('the gate');
  write('build.cjs', "console.error('error TS2322'); process.exit(2);");
  broken = commit('does not build');
  write('node_modules/zod/package.json', '{}');
  write('node_modules/@touchstone/stale', '');
  write('benchmarks/node_modules/tinybench/package.json', '{}');
});

it('is the commit, built, on the same packages but its own', async () => {
  const seen = await withCheckout(repository, base, async (root) => ({
    root,
    built: readFileSync(join(root, 'built'), 'utf8'),
    zod: realpathSync(join(root, 'node_modules/zod')),
    tinybench: realpathSync(join(root, 'benchmarks/node_modules/tinybench')),
    scope: readdirSync(join(root, 'node_modules/@touchstone')).sort(),
    contract:
      realpathSync(join(root, 'node_modules/@touchstone/contract')) === realpathSync(join(root, 'packages/contract')),
  }));
  expect(seen).toMatchObject({
    built: '--projects=@touchstone/benchmarks',
    zod: realpathSync(join(repository, 'node_modules/zod')),
    tinybench: realpathSync(join(repository, 'benchmarks/node_modules/tinybench')),
    scope: ['benchmarks', 'contract'],
    contract: true,
  });
  expect([existsSync(seen.root), existsSync(dirname(seen.root)), worktrees()]).toEqual([false, false, 1]);
});

it.each([
  { what: 'is older than the gate', at: () => old, code: 'usage', message: /older than the gate/ },
  { what: 'does not build', at: () => broken, code: 'machine', message: /npm run build.*error TS2322/s },
])('a base that $what is an error, and leaves nothing behind', async ({ at, code, message }) => {
  await expect(withCheckout(repository, at(), async () => 'never')).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
  expect(worktrees()).toBe(1);
});

it('leaves nothing behind where the work fails', async () => {
  let at = '';
  await expect(
    withCheckout(repository, base, async (root) => {
      at = root;
      throw new Error('no backend');
    }),
  ).rejects.toThrow('no backend');
  expect([existsSync(at), worktrees()]).toEqual([false, 1]);
});

it('a commit by its name; anything else says what a base is', async () => {
  expect(await resolveCommit(repository, 'HEAD~1')).toBe(base);
  for (const ref of ['no-such-branch', '--help', 'HEAD:package.json']) {
    await expect(resolveCommit(repository, ref)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(ref) as string,
    });
  }
});
