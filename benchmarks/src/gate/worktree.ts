/** Another commit of a git repository in a temporary worktree, and the commands that prepare it. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
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

/** With all processes that it starts. @throws TouchstoneError `machine` with the end of what the command printed */
export async function runStep(
  command: string,
  args: readonly string[],
  cwd: string,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NX_DAEMON: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, which ends as a whole.
    detached: !isWindows,
    shell: isWindows && command === 'npm',
  });
  const end = (): void => endGroup(child);
  signal?.addEventListener('abort', end);
  process.once('exit', end);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (said = `${said}${text.toString()}`.slice(-maxSaid)));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal?.throwIfAborted();
    if (code !== 0) throw new Error(said);
  } catch (error) {
    signal?.throwIfAborted();
    throw new TouchstoneError(
      'machine',
      `${command} ${args.join(' ')} failed in the base: ${(error as Error).message.trim()}`,
      'Run it in a copy of that version to see why.',
    );
  } finally {
    signal?.removeEventListener('abort', end);
    process.off('exit', end);
  }
}

const isWindows = process.platform === 'win32';
/** Characters of what a command printed. */
const maxSaid = 600;

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    if (isWindows) child.kill();
    else process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has ended meanwhile.
  }
}
