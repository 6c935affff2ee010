/** The runner notices what does not hold; the attacks themselves run with `npm run attack` only. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../setup/child.mjs';
import { allAttacks } from './attacks.mjs';
import { processesWith } from './left-over.mjs';
import { runAttack } from './run-attack.mjs';
import { page, rowsOf } from './table.mjs';

const fine = "console.error('error: bad-input: x\\n  hint: Give y.'); process.exit(64);";
const child = `const options = { detached: true, stdio: 'ignore' };
  require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 99)'], options).unref();`;
const cases = [
  ['nothing is wrong', fine, []],
  ['another status', 'process.exit(0)', [/^status 0 instead of 64/]],
  ['a signal', "process.kill(process.pid, 'SIGKILL')", [/^status SIGKILL instead of 64/]],
  ['a stack trace', `console.error('x\\n    at f (file:///a.js:1:2)'); ${fine}`, [/^a stack trace: at f/]],
  ['an internal error', `console.error('error: internal: oh'); ${fine}`, [/^error: internal: oh/]],
  ['no hint', "console.error('error: bad-input: x'); process.exit(64)", [/^no hint/]],
  ['no end', 'setInterval(() => 0, 99)', [/^no end within 1 s/]],
  [
    'a process that stays',
    `${child} ${fine}`,
    process.platform === 'linux' ? [/^a process is left: .*setInterval/] : [],
  ],
  [
    'a file that stays',
    `fs.writeFileSync(require('os').tmpdir() + '/left', ''); ${fine}`,
    [/^a temporary file is left: left/],
  ],
  ['a changed file', `fs.appendFileSync('given', 'x'); ${fine}`, [/^given was changed/]],
  ['a removed file', `fs.rmSync('given'); ${fine}`, [/^given was removed/]],
];

test('what does not hold is found', async () => {
  const found = await Promise.all(
    cases.map(([what, program]) => {
      const prepare = (work) => fs.writeFileSync(join(work, 'given'), 'content');
      const attack = {
        group: 'test',
        what,
        where: 'here',
        args: ['-e', program],
        statuses: [64],
        seconds: what === 'no end' ? 1 : 60,
        prepare,
      };
      return runAttack(attack, [process.execPath], { graceMs: 500 });
    }),
  );
  for (const [i, [what, , expected]] of cases.entries()) {
    assert.equal(found[i].length, expected.length, `${what}: ${found[i].join('; ')}`);
    for (const [j, text] of expected.entries()) assert.match(found[i][j], text);
  }
});

const onLinux = { skip: process.platform === 'linux' ? false : 'there is no /proc' };

test('Ctrl-C ends the attacks with all their processes, and removes their folders', onLinux, async () => {
  const temporary = fs.mkdtempSync(join(tmpdir(), 'attack-test-'));
  const id = randomUUID();
  const main = spawn(process.execPath, [join(root, 'tools/attack/main.mjs'), '--only', 'SIGTERM after 2 s attribute'], {
    env: { ...process.env, TMPDIR: temporary, ATTACK_TEST: id },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => main.once('exit', resolve));
  const running = () => processesWith(`ATTACK_TEST=${id}`).filter(({ pid }) => pid !== main.pid);
  while (fs.readdirSync(temporary).length === 0 || running().length === 0) await sleep(20);
  main.kill('SIGINT');
  assert.equal(await ended, 130);
  assert.deepEqual(fs.readdirSync(temporary), []);
  assert.deepEqual(running(), []);
  fs.rmdirSync(temporary);
});

test('an attack that is stopped is cleaned up, with what left its process group', async () => {
  const stop = new AbortController();
  const seen = { work: '', isClean: false };
  const attack = {
    args: ['-e', `${child} fs.writeFileSync('started', ''); setInterval(() => 0, 99);`],
    statuses: [0],
    prepare: (work) => (seen.work = work),
    cleanUp: () => (seen.isClean = true),
  };
  const running = runAttack(attack, [process.execPath], { signal: stop.signal });
  while (!fs.existsSync(join(seen.work, 'started'))) await sleep(20);
  stop.abort();
  assert.deepEqual(await running, []);
  assert.ok(seen.isClean);
  assert.ok(!fs.existsSync(seen.work));
});

test('there are at least 200 attacks, and docs/attacks.md lists them: npm run attack -- --write', () => {
  const attacks = allAttacks();
  assert.ok(attacks.length >= 200, `${attacks.length}`);
  const titles = (text) => [...text.matchAll(/^\| (.+?) \| (.+?) \|/gm)].map(([, what, where]) => `${what} ${where}`);
  const expected = page(rowsOf(attacks.map((attack) => ({ attack, wrong: [] }))));
  assert.deepEqual(titles(fs.readFileSync(join(root, 'docs/attacks.md'), 'utf8')), titles(expected));
});
