/** Another commit of this repository, built in a temporary worktree that is removed afterwards. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { TouchstoneError } from '@touchstone/contract';

const run = promisify(execFile);
const lockFile = 'package-lock.json';
/** The program that a checkout needs for the gate. */
const unit = join('benchmarks', 'src', 'gate', 'unit.ts');

export interface CheckoutOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

/** The commit's full hash. @throws TouchstoneError `usage` where `ref` names no commit */
export async function resolveCommit(repository: string, ref: string): Promise<string> {
  try {
    const { stdout } = await run('git', ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], {
      cwd: repository,
    });
    return stdout.trim();
  } catch {
    throw new TouchstoneError(
      'usage',
      `--base ${ref} is neither a commit of this repository nor a file`,
      'Give for example --base main, --base HEAD~1, or a file of bench --json.',
    );
  }
}

/** Links the npm packages of `repository` if both have the same lock file, else installs them. */
export async function withCheckout<T>(
  repository: string,
  commit: string,
  work: (root: string) => Promise<T>,
  { signal, onProgress = () => undefined }: CheckoutOptions = {},
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'touchstone-base-'));
  const root = join(folder, 'base');
  const step = async (command: string, args: readonly string[], cwd: string): Promise<void> => {
    try {
      await run(command, [...args], {
        cwd,
        env: { ...process.env, NX_DAEMON: 'false' },
        maxBuffer: 2 ** 26,
        ...(signal && { signal }),
        shell: process.platform === 'win32' && command === 'npm',
      });
    } catch (error) {
      signal?.throwIfAborted();
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new TouchstoneError(
        'internal',
        `${command} ${args.join(' ')} failed in the base ${commit.slice(0, 12)}: ` +
          `${stderr}${stdout}`.trim().slice(-600),
      );
    }
  };
  try {
    onProgress(`checking out ${commit.slice(0, 12)}`);
    await step('git', ['worktree', 'add', '--detach', root, commit], repository);
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
      await step('npm', ['ci', '--no-audit', '--no-fund'], root);
    }
    if (existsSync(join(repository, '.touchstone')))
      await symlink(join(repository, '.touchstone'), join(root, '.touchstone'), 'dir');
    onProgress('building it');
    await step('npm', ['run', 'build', '--', '--projects=@touchstone/benchmarks'], root);
    return await work(root);
  } finally {
    await run('git', ['worktree', 'remove', '--force', root], { cwd: repository }).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
    await run('git', ['worktree', 'prune'], { cwd: repository }).catch(() => undefined);
  }
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
