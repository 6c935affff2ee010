import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Its standard input is a pipe that only we hold open: it ends when we do, however we end. Then the group $1 is killed,
 * on Linux also what left it and has the folder $2 as its TMPDIR, and the folder is removed.
 */
const script = `read -r _
kill -s KILL -- "-$1"
grep -lzxF "TMPDIR=$2" /proc/[0-9]*/environ | while IFS=/ read -r _ _ pid _; do kill -s KILL "$pid"; done
rm -rf -- "$2"`;

/**
 * Has a shell kill the process group of a program that is not ours once this process is gone, also by SIGKILL: such a
 * program may ignore the end of its input. The result calls it off, as soon as the group has ended: its id may become
 * another one's. A signal that the kernel sends (`setpriv --pdeathsig`) would reach the program alone, not what it has
 * started. Does nothing on Windows, which has no process groups.
 */
export function killAfterUs(leader: number, folder: string): () => void {
  if (process.platform === 'win32') return () => undefined;
  const shell = spawn('/bin/sh', ['-c', script, 'kill-after-us', String(leader), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell there is nothing to call off.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  (shell.stdin as Socket).unref();
  return () => void shell.kill('SIGKILL');
}
