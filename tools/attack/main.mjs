/**
 * `npm run attack [-- OPTIONS]`: tries to break the command with hostile files, ports, options, signals, pipes and
 * disks, and says what held. Exit status 1 where anything did not.
 *
 *   --only TEXT   the attacks whose group, description or place contains TEXT
 *   --json        the results as JSON on stdout
 *   --write       writes the table docs/attacks.md, after all attacks have run
 *   --at-once N   attacks at the same time (default: 2)
 *
 * Ctrl-C ends the attacks that run and removes what they made.
 */
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../setup/child.mjs';
import { allAttacks } from './attacks.mjs';
import { runAttack } from './run-attack.mjs';
import { page, rowsOf } from './table.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    'at-once': { type: 'string', default: '2' },
  },
});
const touchstone = [process.execPath, join(root, 'packages/cli/bin/touchstone.mjs')];
const chosen = allAttacks().filter(({ group, what, where }) => `${group} ${what} ${where}`.includes(values.only ?? ''));

const waiting = [...chosen];
const interrupt = new AbortController();
/** Number of the signal that asked for the end. */
let endedBy = 0;
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'])
  process.on(name, () => {
    endedBy ||= constants.signals[name];
    waiting.length = 0;
    interrupt.abort();
  });

const started = Date.now();
const results = [];
await Promise.all(Array.from({ length: Number(values['at-once']) }, work));
process.stderr.write('\n');
if (endedBy > 0) process.exit(128 + endedBy);

async function work() {
  for (let attack = waiting.shift(); attack !== undefined; attack = waiting.shift()) {
    const wrong = attack.skip ? [] : await runAttack(attack, touchstone, { signal: interrupt.signal });
    if (interrupt.signal.aborted) return;
    results.push({ attack, wrong });
    for (const text of wrong) process.stderr.write(`\r✗ ${attack.group}: ${attack.what}, ${attack.where}: ${text}\n`);
    process.stderr.write(`\r${results.length}/${chosen.length} `);
  }
}

const rows = rowsOf(results);
if (values.json) console.log(JSON.stringify({ seconds: (Date.now() - started) / 1000, rows }, null, 2));
else
  for (const { group, what, tried, held, skipped } of rows) {
    const more = skipped > 0 ? `, ${skipped} skipped` : '';
    console.log(`${held === tried ? '✓' : '✗'} ${group}: ${what}: ${held} of ${tried} held${more}`);
  }
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
console.log(`${total('tried')} tried, ${total('held')} held, ${total('skipped')} skipped`);
if (values.write) writeFileSync(join(root, 'docs/attacks.md'), page(rows));
process.exitCode = total('held') === total('tried') ? 0 : 1;
