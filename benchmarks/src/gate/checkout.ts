/** Another commit of this repository, built in a temporary worktree that is removed afterwards. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';
import { runStep, withWorktree, type CheckoutOptions } from './worktree.js';

const lockFile = 'package-lock.json';
/** The program that a checkout needs for the gate. */
const unit = join('benchmarks', 'src', 'gate', 'unit.ts');

/** Links the npm packages of `repository` if both have the same lock file, else installs them. */
export async function withCheckout<T>(
  repository: string,
  commit: string,
  work: (root: string) => Promise<T>,
  options: CheckoutOptions = {},
): Promise<T> {
  const { signal, onProgress = () => undefined } = options;
  const prepared = async (root: string): Promise<T> => {
    if (!existsSync(join(root, unit))) {
      throw new TouchstoneError(
        'usage',
        `the base ${commit.slice(0, 12)} has no ${unit}: it is older than the gate`,
        'Give a later commit, or a file of bench --json from this machine.',
      );
    }
    const lock = (at: string): Promise<string> => readFile(join(at, lockFile), 'utf8');
    if ((await lock(root)) === (await lock(repository))) await linkModules(repository, root);
    else {
      onProgress('installing its dependencies, because its lock file differs');
      await runStep('npm', ['ci', '--no-audit', '--no-fund'], root, signal);
    }
    if (existsSync(join(repository, '.touchstone')))
      await symlink(join(repository, '.touchstone'), join(root, '.touchstone'), 'dir');
    onProgress('building it');
    await runStep('npm', ['run', 'build', '--', '--projects=@touchstone/benchmarks'], root, signal);
    return work(root);
  };
  return withWorktree(repository, commit, prepared, options);
}
const ownScope = '@touchstone';

/** Links to every installed package, except that our own packages are those of the checkout. */
async function linkModules(from: string, to: string): Promise<void> {
  const workspaces = [
    'benchmarks',
    'examples',
    ...(await readdir(join(from, 'packages'))).map((name) => join('packages', name)),
  ];
  for (const workspace of ['', ...workspaces]) {
    const modules = join(from, workspace, 'node_modules');
    if (!existsSync(modules) || !existsSync(join(to, workspace))) continue;
    await mkdir(join(to, workspace, 'node_modules'), { recursive: true });
    for (const name of await readdir(modules)) {
      if (name !== ownScope && name !== '.cache')
        await symlink(join(modules, name), join(to, workspace, 'node_modules', name));
    }
  }
  const scope = join(to, 'node_modules', ownScope);
  await mkdir(scope);
  for (const workspace of workspaces) {
    const manifest = join(to, workspace, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name } = JSON.parse(await readFile(manifest, 'utf8')) as { name: string };
    await symlink(relative(scope, join(to, workspace)), join(scope, name.slice(ownScope.length + 1)), 'dir');
  }
}
