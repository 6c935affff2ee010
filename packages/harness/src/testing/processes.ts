/** Looks up the processes of a test with `ps`. */
import { execFileSync } from 'node:child_process';

interface Process {
  readonly pid: string;
  readonly parent: string;
  readonly command: string;
}

/** All processes except zombies. */
function all(): Process[] {
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, stat, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined || stat!.startsWith('Z') ? [] : [{ pid, parent: parent!, command: command! }];
  });
}

/** Running child processes of sessions that a process started. */
export function childrenOf(parent: number): string[] {
  return all()
    .filter(
      (each) =>
        each.parent === String(parent) &&
        each.command.split(' ').some((word) => word.endsWith('dist/runtimes/child-bundle.js')),
    )
    .map(({ pid }) => pid);
}

/** The processes that those started in turn: a browser and its children. */
export function startedByChildrenOf(parent: number): Process[] {
  const known = all();
  const found: Process[] = [];
  const collect = (pid: string): void => {
    for (const each of known) {
      if (each.parent !== pid) continue;
      found.push(each);
      collect(each.pid);
    }
  };
  for (const pid of childrenOf(parent)) collect(pid);
  return found;
}

export function runs(pid: string): boolean {
  return all().some((each) => each.pid === pid);
}
