/** Another commit of a git repository in a temporary worktree, and the commands that prepare it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TouchstoneError } from '@touchstone/contract';
import { TemporaryFolder } from '@touchstone/system';

const run = promisify(execFile);

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

/** The folder is removed afterwards, and git forgets it. */
export async function withWorktree<T>(
  repository: string,
  commit: string,
  work: (root: string) => Promise<T>,
  { signal, onProgress = () => undefined }: CheckoutOptions = {},
): Promise<T> {
  const temporary = new TemporaryFolder('touchstone-base-');
  const root = join(temporary.path, 'base');
  try {
    onProgress(`checking out ${commit.slice(0, 12)}`);
    await runStep('git', ['worktree', 'add', '--detach', root, commit], repository, signal);
    return await work(root);
  } finally {
    await run('git', ['worktree', 'remove', '--force', root], { cwd: repository }).catch(() => undefined);
    temporary.remove();
    await run('git', ['worktree', 'prune'], { cwd: repository }).catch(() => undefined);
  }
}

/** @throws TouchstoneError `machine` with the end of what the command printed */
export async function runStep(
  command: string,
  args: readonly string[],
  cwd: string,
  signal?: AbortSignal,
): Promise<void> {
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
      'machine',
      `${command} ${args.join(' ')} failed in the base: ${`${stderr}${stdout}`.trim().slice(-600)}`,
      'Run it in a copy of that version to see why.',
    );
  }
}
