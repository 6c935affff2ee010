#!/usr/bin/env node
/**
 * Prints the cases that reject each mutant of each method, and fails where fewer than two do. In float64, about a
 * minute of processor time. `node tools/harness/mutants.mjs [METHOD|MUTANT…] [--all]`; `--all` looks at all cases
 * instead of stopping at two.
 */
import { findBackend } from '../../packages/backends/dist/index.js';
import { cases, rejectionOf } from '../../packages/harness/dist/testing/rejections.js';
import { findMethod, mutants } from '../../packages/methods/dist/index.js';

const names = process.argv.slice(2).filter((argument) => argument !== '--all');
const isAsked = (...ids) => names.length === 0 || ids.some((id) => names.includes(id));
const enough = process.argv.includes('--all') ? Infinity : 2;
await findBackend('float64').open();
for (const mutant of mutants) {
  for (const id of mutant.of.filter((of) => isAsked(mutant.id, of))) {
    const method = findMethod(id);
    const rows = cases.filter((row) => row.method === id);
    const run = (given) => mutant.explain(method, given);
    const { rows: rejecting } = await rejectionOf(method, rows, run, enough, mutant.applies);
    const isWeak = rejecting.length < Math.min(2, rows.length);
    if (isWeak) process.exitCode = 1;
    console.log(`${isWeak ? '✗' : '✓'} ${mutant.id} of ${id}: ${rejecting.map((row) => row.id).join(', ')}`);
  }
}
