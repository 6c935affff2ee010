#!/usr/bin/env node
/**
 * Writes packages/harness/src/run/case-seconds.json, by which `verify` says how long it takes, from results.ndjson of
 * one run per backend or of several backends together: `node tools/harness/case-seconds.mjs FILE…`. Values that are not
 * in the files do not change. `FILE=SECONDS` names the processor time of that run (user + sys of `time`), for a machine
 * that was not idle.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../../packages/harness/src/run/case-seconds.json', import.meta.url));
const known = JSON.parse(readFileSync(path, 'utf8'));
const { cases } = known;

for (const argument of process.argv.slice(2)) {
  const [, file, processorSeconds] = /^(.*?)(?:=([\d.]+))?$/.exec(argument);
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const timed = lines.filter(({ milliseconds, kind }) => kind === 'outcome' && milliseconds !== undefined);
  const { milliseconds } = lines.find(({ kind }) => kind === 'footer');
  const { backends } = lines.find(({ kind }) => kind === 'header');
  const parallel = Math.min(availableParallelism(), 2 * backends.length);
  const total = processorSeconds === undefined ? (parallel * milliseconds) / 1000 : Number(processorSeconds);
  // The whole time, with loading and comparing, is shared out by the time of one run.
  const sum = timed.reduce((part, outcome) => part + outcome.milliseconds, 0);
  for (const { case: id, backend, milliseconds: own } of timed)
    (cases[id] ??= {})[backend] = Number(((own / sum) * total).toPrecision(2));
}

const processor = cpus()[0]?.model ?? process.arch;
const inline = (seconds) =>
  `{ ${Object.entries(seconds)
    .map(([backend, value]) => `"${backend}": ${value}`)
    .join(', ')} }`;
const rows = Object.entries(cases).map(([id, seconds]) => `    ${JSON.stringify(id)}: ${inline(seconds)}`);
writeFileSync(
  path,
  `{\n  "machine": ${JSON.stringify(`${processor}, ${availableParallelism()} cores`)},\n` +
    `  "cases": {\n${rows.join(',\n')}\n  }\n}\n`,
);
