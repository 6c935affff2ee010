import { afterUs } from './after-us.js';

/** Kills the group $1, on Linux also what left it and has the folder $2 as its TMPDIR, and removes the folder. */
const script = `kill -s KILL -- "-$1"
grep -lzxF "TMPDIR=$2" /proc/[0-9]*/environ | while IFS=/ read -r _ _ pid _; do kill -s KILL "$pid"; done
rm -rf -- "$2"`;

/**
 * Has a shell kill the process group of a program that is not ours once this process is gone, also by SIGKILL: such a
 * program may ignore the end of its input. The result calls it off, as soon as the group has ended: its id may become
 * another one's. A signal that the kernel sends (`setpriv --pdeathsig`) would reach the program alone, not what it has
 * started. Does nothing on Windows, which has no process groups.
 */
export function killAfterUs(leader: number, folder: string): () => void {
  return afterUs(script, [String(leader), folder]);
}
