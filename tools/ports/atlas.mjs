/**
 * `node tools/ports/atlas.mjs [PORT…]`: judges the real ports on the quick cases, and writes docs/atlas.md with their
 * verdicts. Without names it runs all ports; with names it prints the verdicts of these and writes nothing. Python is
 * that of TOUCHSTONE_PYTHON, with `tools/ports/requirements.txt` installed. Refuses to write where a verdict has no
 * reason in `atlas-reasons.mjs`, or another verdict than the one that the reason is about.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { images, ports, reasons } from './atlas-reasons.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'touchstone-atlas-'));
const python = process.env.TOUCHSTONE_PYTHON || 'python3';

function touchstone(...args) {
  const path = [join(root, 'tools', 'python'), process.env.PYTHONPATH].filter(Boolean).join(delimiter);
  const env = { ...process.env, PYTHONPATH: path, OMP_NUM_THREADS: '1' };
  const command = [join(root, 'packages/cli/bin/touchstone.mjs'), ...args];
  return spawnSync(process.execPath, command, { cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
}

/** @returns {string} as of --port */
const given = (file) => (file.endsWith('.py') ? `cmd:${python} tools/ports/${file}` : `./tools/ports/${file}`);

/** Method → the outcomes of a port, for each method of which it answers a case. */
function judged({ name, file }) {
  const lines = join(scratch, `${name}.ndjson`);
  const report = join(scratch, name);
  const run = touchstone('verify', '--profile', 'quick', '--port', given(file), '--report', report, '--json', lines);
  if (!existsSync(lines)) throw new Error(`${name}: ${run.stderr}`);
  const outcomes = readFileSync(lines, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  if (outcomes.at(-1).kind !== 'footer') throw new Error(`${name}: incomplete: ${run.stderr}`);
  const own = outcomes.filter(({ kind }) => kind === 'outcome');
  const byMethod = new Map();
  for (const outcome of own) byMethod.set(outcome.method, [...(byMethod.get(outcome.method) ?? []), outcome]);
  return [...byMethod].filter(([, all]) => all.some(({ status }) => status !== 'skipped'));
}

/** One row of the page. */
function rowOf(port, method, outcomes) {
  const count = (status) => outcomes.filter((each) => each.status === status).length;
  const answered = outcomes.length - count('skipped');
  const verdict = `${count('passed')} of ${answered}`;
  return {
    key: `${port.name} ${method}`,
    port,
    method,
    verdict,
    agrees: answered > 0 && count('passed') === answered,
    unsupported: count('skipped'),
    errored: count('errored'),
    causes: causesOf(outcomes),
  };
}

/** What the judge says, without the mutants' names, the most frequent first, with the number of cases. */
function causesOf(outcomes) {
  const counts = new Map();
  for (const { status, reason } of outcomes) {
    if (status !== 'failed') continue;
    const found = /(?:likely cause|could be): (.*?)(?: \(mutants? .*)?(?:; only \d+ numbers show it)?$/m.exec(reason);
    const cause = found?.[1] ?? 'none named';
    counts.set(cause, (counts.get(cause) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

/** @throws Error where a reason is missing, or is about another verdict */
function checkReasons(rows) {
  const wrong = rows.flatMap(({ key, verdict, agrees, errored }) => {
    const reason = reasons[key];
    if (errored > 0) return [`${key}: ${errored} errored`];
    if (agrees) return reason === undefined ? [] : [`${key} agrees: its reason is out of date`];
    if (reason === undefined) return [`${key} (${verdict}) has no reason`];
    return reason.verdict === verdict ? [] : [`${key}: the reason is about ${reason.verdict}, found ${verdict}`];
  });
  const stale = Object.keys(reasons).filter((key) => !rows.some((row) => row.key === key));
  if (wrong.length + stale.length > 0)
    throw new Error([...wrong, ...stale.map((key) => `${key} was not run`)].join('\n'));
}

function page(rows) {
  const methods = [...new Set(rows.map(({ method }) => method))].toSorted();
  const sections = methods.flatMap((method) => [
    `## ${method}`,
    '',
    '| port | agrees on | likely cause, as the judge says | why |',
    '|---|---|---|---|',
    ...rows.filter((row) => row.method === method).map(line),
    '',
  ]);
  const shown = images.flatMap(({ port, file, text }) => [`![${port}](atlas/${file})`, '', `*${text}*`, '']);
  return [intro, ...sections, ...shown].join('\n').trimEnd().concat('\n');
}

function line({ port, verdict, agrees, unsupported, causes, key }) {
  const named = causes.slice(0, 3).map(([cause, count]) => `${cause} (${count})`);
  const more = causes.length > 3 ? [`${causes.length - 3} more`] : [];
  const left = unsupported === 0 ? '' : `, ${unsupported} not supported`;
  const why = agrees ? '' : `**${reasons[key].kind}**: ${reasons[key].why}`;
  const cells = [
    `${port.name} ${port.version}`,
    `${agrees ? '✓ ' : ''}${verdict}${left}`,
    [...named, ...more].join('; '),
    why,
  ];
  return `| ${cells.join(' | ')} |`;
}

const intro = `# Atlas: what the libraries compute

Real libraries, used as their own documentation shows, and judged on the quick cases. A **convention** is another
definition of the same method: right by its own documentation, but not the same numbers. A **fault** is a difference
from the paper or from the library's own description. Numbers in brackets are cases. The ports are in
[tools/ports](../tools/ports), a few lines each.

This page is written by \`node tools/ports/atlas.mjs\` from a run. The reasons are written by people, in
\`tools/ports/atlas-reasons.mjs\`; a reason is refused when its verdict changes. [cross-checks.md](cross-checks.md) asks
the libraries for the same intermediate values as the goldens have, so most conventions do not show there.
`;

/** Golden, answer and difference of a case. */
function writeImage({ port: name, case: id, file }) {
  const { file: program } = ports.find((port) => port.name === name);
  const report = join(scratch, 'explained', name);
  const run = touchstone('explain', id, '--port', given(program), '--report', report, '--json');
  if (run.status !== 1) throw new Error(`${name}: ${id} is not a failure: ${run.stderr}`);
  copyFileSync(join(report, 'explained', id, 'attribution.png'), join(root, 'docs', 'atlas', file));
}

try {
  const only = process.argv.slice(2);
  const chosen = only.length === 0 ? ports : ports.filter(({ name }) => only.includes(name));
  const rows = chosen.flatMap((port) => judged(port).map(([method, outcomes]) => rowOf(port, method, outcomes)));
  for (const { key, verdict, unsupported, errored, causes } of rows) {
    console.log(`${key}: ${verdict}, ${unsupported} not supported, ${errored} errored`);
    for (const [cause, count] of causes) console.log(`    ${count}  ${cause}`);
  }
  if (only.length === 0) {
    checkReasons(rows);
    mkdirSync(join(root, 'docs', 'atlas'), { recursive: true });
    images.forEach(writeImage);
    writeFileSync(join(root, 'docs', 'atlas.md'), page(rows));
  }
} finally {
  rmSync(scratch, { recursive: true });
}
