import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Runs a POSIX shell script, with `args` as $1, $2, …, once this process is gone, also by SIGKILL: the shell's standard
 * input is a pipe that only we hold open. The result calls it off. Does nothing on Windows.
 */
export function afterUs(script: string, args: readonly string[]): () => void {
  if (process.platform === 'win32') return () => undefined;
  const shell = spawn('/bin/sh', ['-c', `read -r _\n${script}`, 'after-us', ...args], {
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
