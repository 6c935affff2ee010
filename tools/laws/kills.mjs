/**
 * `node tools/laws/kills.mjs`: holds every law against every fault in float64, and writes which law notices which to
 * packages/laws/src/faults/kills.json and docs/laws-and-mutants.md. Takes about ten minutes; with `--missing` only for
 * faults that have no row, a few seconds each. Needs a build.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faults, findBackend, holdTo, laws, ownSubject, rightMethods } from './built.mjs';
import { page } from './page.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const seed = 20_260_101;
/** Examples per law and fault: the default of `touchstone laws`. */
const runs = 60;

const oracle = { id: 'float64', deterministic: true, precision: 'float64' };

/** Ids of the methods that a law asks, and whether it tests other parts alone. */
async function askedBy(law) {
  const asked = new Set();
  const methods = {
    ...rightMethods,
    explain: (method, explanation) => {
      asked.add(method);
      return rightMethods.explain(method, explanation);
    },
  };
  const result = await holdTo(law, ownSubject(oracle, methods), { seed, runs });
  if (result.status !== 'held')
    throw new Error(`${law.id} does not hold of the right methods: see npx touchstone laws`);
  return asked;
}

const canSee = (asked, { of }) => (of.length === 0 ? asked.size === 0 : of.some((method) => asked.has(method)));

/** Fault → law → path of a counter-example; a fault that is `known` is not tested again. */
async function measure(known) {
  const asked = new Map();
  for (const law of laws) asked.set(law.id, await askedBy(law));
  const kills = {};
  for (const fault of faults) {
    kills[fault.id] = known[fault.id] ?? {};
    if (fault.id in known) continue;
    const subject = ownSubject(oracle, fault.spoil(rightMethods));
    for (const law of laws) {
      if (!canSee(asked.get(law.id), fault)) continue;
      const result = await holdTo(law, subject, { seed, runs, shrink: false });
      if (result.status === 'broken') kills[fault.id][law.id] = result.counterExample.path;
    }
    console.error(`${fault.id}: ${Object.keys(kills[fault.id]).join(' ') || 'no law'}`);
  }
  return { seed, runs, kills };
}

await findBackend(oracle.id).open();
const file = join(root, 'packages/laws/src/faults/kills.json');
const found = await measure(process.argv.includes('--missing') ? JSON.parse(readFileSync(file, 'utf8')).kills : {});
writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
writeFileSync(join(root, 'docs/laws-and-mutants.md'), page(found));
