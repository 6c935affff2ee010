#!/usr/bin/env node
/**
 * `node tools/harness/causes.mjs [METHOD…]`: puts every mutant into a port, asks for the cause of its failure, and
 * writes docs/causes.md (with methods named, only prints). In float64, about four minutes of processor time.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findBackend } from '../../packages/backends/dist/index.js';
import { CauseMatrix } from '../../packages/harness/dist/testing/cause-matrix.js';
import { cases, golden } from '../../packages/harness/dist/testing/rejections.js';
import { mutants } from '../../packages/methods/dist/index.js';
import { causesPage } from './causes-page.mjs';

/** The cases of each that are asked about, of those that reject it. */
const enough = 1;
/** The most numbers of a case's input. */
const largest = 13_000;

const asked = process.argv.slice(2);
const numbersOf = ({ input }) => golden.readInput(input).data.length;
await findBackend('float64').open();
const rows = [];
for (const method of new Set(mutants.flatMap(({ of }) => of))) {
  if (asked.length > 0 && !asked.includes(method)) continue;
  let left = mutants
    .filter(({ of }) => of.includes(method))
    .flatMap((mutant) => {
      return ['map', 'stages'].map((given) => ({ mutant: mutant.id, method, given, found: [], ask: mutant }));
    });
  rows.push(...left);
  for (const row of cases.filter((each) => each.method === method && numbersOf(each) <= largest)) {
    if (left.length === 0) break;
    const matrix = new CauseMatrix(row);
    for (const each of left) {
      const naming = await matrix.naming(each.ask, each.given);
      if (naming === null) continue;
      each.found.push({ case: row.id, ...naming });
      const { verdict, certain, text } = naming;
      if (verdict !== 'true')
        console.log(`${verdict}${certain ? ', certain' : ''}: ${each.mutant} (${each.given}) on ${row.id}: ${text}`);
    }
    left = left.filter(({ found }) => found.length < enough);
    console.error(row.id);
  }
}
const results = rows.map(({ ask: _ask, ...row }) => row);
const page = causesPage(results);
console.log(page);
if (asked.length === 0) writeFileSync(fileURLToPath(new URL('../../docs/causes.md', import.meta.url)), page);
