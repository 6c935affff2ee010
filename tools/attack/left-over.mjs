/** What an attack leaves: processes that it started, files in its temporary folder, changed files. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the environment of every process of an attack, which those that it starts inherit. */
export const marker = 'TOUCHSTONE_ATTACK';

/**
 * The processes of an attack that still run: their ids and command lines.
 * @param {string} id of the attack
 * @param {number} leader of its process group, for systems without /proc
 */
export function runningOf(id, leader) {
  if (process.platform !== 'linux')
    return groupRuns(leader) ? [{ pid: leader, command: 'a process of its group' }] : [];
  return processesWith(`${marker}=${id}`);
}

/** Linux only: the processes that have `NAME=value` in their environment. */
export function processesWith(variable) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const has = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(variable);
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 120);
        return has ? [{ pid: Number(name), command }] : [];
      } catch {
        return []; // it has ended
      }
    });
}

function groupRuns(leader) {
  try {
    return process.kill(-leader, 0);
  } catch {
    return false;
  }
}

/** Ends what an attack has started, and nothing else. */
export function endAll(id, leader) {
  for (const { pid } of runningOf(id, leader)) {
    try {
      process.kill(process.platform === 'linux' ? pid : -pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  }
}

/** Path → what is there, for every file below a folder. */
export function contentsOf(folder) {
  const found = new Map();
  for (const name of readdirSync(folder, { recursive: true }).map(String)) {
    const stat = lstatSync(join(folder, name));
    const isSmall = stat.isFile() && stat.size < 2 ** 24;
    const what = isSmall
      ? createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')
      : stat.size;
    found.set(name, `${stat.mode} ${stat.isDirectory() ? '' : what}`);
  }
  return found;
}

/** The files that were there before and are gone or changed, without those that the attack may write. */
export function changedIn(before, after, mayWrite) {
  return [...before].flatMap(([name, content]) => {
    if (mayWrite.includes(name) || after.get(name) === content) return [];
    return [`${name} was ${after.has(name) ? 'changed' : 'removed'}`];
  });
}
