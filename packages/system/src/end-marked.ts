import type * as fs from 'node:fs';

/**
 * On Linux: kills every process that has the folder as its TMPDIR, which those that a child starts inherit. So it also
 * finds one that left the child's process group, unless it left the environment too.
 *
 * It uses nothing from outside of itself: `endWithParent` runs its text in a thread.
 */
export function endMarked(
  { readdirSync, readFileSync }: Pick<typeof fs, 'readdirSync' | 'readFileSync'>,
  tmpdir: string,
): void {
  if (process.platform !== 'linux') return;
  for (const pid of readdirSync('/proc').map(Number)) {
    if (!(pid > 1) || pid === process.pid) continue;
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (environment.includes(`TMPDIR=${tmpdir}`)) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, or belongs to another user.
    }
  }
}
