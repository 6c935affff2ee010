/** Runs one attack: a command under hostile conditions, and what must hold. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { changedIn, contentsOf, endAll, marker, runningOf } from './left-over.mjs';

/**
 * @typedef {object} Attack
 * @property {string} group
 * @property {string} what is hostile, such as "a FIFO"
 * @property {string} where it is given, such as "attribute --input"
 * @property {readonly string[]} args of touchstone
 * @property {readonly (number | string)[]} statuses exit statuses (or signals) that are right
 * @property {(work: string) => void} [prepare] fills the folder in which the command runs
 * @property {(child: import('node:child_process').ChildProcess) => void} [during]
 * @property {() => import('node:child_process').StdioOptions} [makeStdio]
 * @property {(work: string) => void} [cleanUp] after it
 * @property {string} [shell] commands of bash before it, such as `ulimit -n 40`
 * @property {readonly string[]} [mayWrite] files of `prepare` that it may change
 * @property {string | null} [skip] why it cannot be tried on this machine
 * @property {number} [seconds] it may take
 */

/** Time for processes and files of the attack to be gone after its end. */
const gracePeriod = 10_000;
const maxKept = 2 ** 20;

/**
 * What does not hold; empty: everything does, or `signal` was aborted, which ends the attack and cleans up.
 * @param {Attack} attack
 * @param {readonly string[]} program the command, to which the arguments of the attack are added
 * @param {{ graceMs?: number, signal?: AbortSignal }} options
 * @returns {Promise<string[]>}
 */
export async function runAttack(attack, program, { graceMs = gracePeriod, signal } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-attack-'));
  const [work, temporary] = ['work', 'tmp'].map((name) => join(folder, name));
  try {
    for (const path of [work, temporary]) mkdirSync(path);
    attack.prepare?.(work);
    const before = contentsOf(work);
    const id = randomUUID();
    const ended = await runCommand(attack, program, { id, work, temporary, signal });
    const left = await leftOver(id, ended.pid, temporary, { graceMs, signal });
    if (signal?.aborted) return [];
    return [...judge(attack, ended), ...left, ...changedIn(before, contentsOf(work), attack.mayWrite ?? [])];
  } finally {
    attack.cleanUp?.(work);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runCommand({ args, shell, makeStdio, during, seconds = 120 }, program, { id, work, temporary, signal }) {
  const whole = shell === undefined ? program : ['bash', '-c', `${shell}; exec "$@"`, 'attack', ...program];
  const stdio = makeStdio?.() ?? ['ignore', 'pipe', 'pipe'];
  const child = spawn(whole[0], [...whole.slice(1), ...args], {
    cwd: work,
    env: { ...process.env, TMPDIR: temporary, [marker]: id, DEBUG: '' },
    detached: true,
    stdio,
  });
  for (const fd of stdio) if (typeof fd === 'number') closeSync(fd);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text) => (output = (output + text).slice(-maxKept)));
  during?.(child);
  let isHung = false;
  const end = () => endAll(id, child.pid);
  signal?.addEventListener('abort', end);
  const timer = setTimeout(() => {
    isHung = true;
    end();
  }, 1000 * seconds);
  const [code, endedBy] = await new Promise((resolve) => child.once('exit', (...how) => resolve(how)));
  clearTimeout(timer);
  signal?.removeEventListener('abort', end);
  // What holds its pipes is reported as left over.
  await Promise.race([new Promise((resolve) => child.once('close', resolve)), sleep(1000)]);
  return { pid: child.pid, output, isHung, status: code ?? endedBy };
}

function judge({ statuses, seconds = 120 }, { output, isHung, status }) {
  if (isHung) return [`no end within ${seconds} s`];
  const wrong = [];
  if (!statuses.includes(status))
    wrong.push(`status ${status} instead of ${statuses.join(' or ')}: ${lastLine(output)}`);
  const stack = output.split('\n').find((line) => /^\s+at .+:\d+:\d+\)?$/.test(line));
  if (stack !== undefined) wrong.push(`a stack trace: ${stack.trim()}`);
  const internal = /^error: internal: .*$/m.exec(output);
  if (internal !== null) wrong.push(internal[0]);
  if (/^error: /m.test(output) && !/^ {2}hint: [A-Z"].*[.?]$/m.test(output)) wrong.push(`no hint: ${lastLine(output)}`);
  return wrong;
}

function lastLine(output) {
  return output.trimEnd().split('\n').at(-1).slice(0, 200);
}

async function leftOver(id, leader, temporary, { graceMs, signal }) {
  const until = Date.now() + graceMs;
  for (;;) {
    const running = runningOf(id, leader);
    const files = readdirSync(temporary);
    if (running.length === 0 && (files.length === 0 || signal?.aborted)) return [];
    if (signal?.aborted) endAll(id, leader);
    if (Date.now() > until) {
      endAll(id, leader);
      return [
        ...running.map(({ command }) => `a process is left: ${command}`),
        ...files.map((name) => `a temporary file is left: ${name}`),
      ];
    }
    await sleep(100);
  }
}
