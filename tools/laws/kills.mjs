/**
 * `node tools/laws/kills.mjs`: holds every law against every fault in float64, and writes which law notices which to
 * packages/laws/src/faults/kills.json and docs/laws-and-mutants.md. Takes about ten minutes; with `--missing` only for
 * faults that have no row, a few seconds each; with `--law ID`, which may be repeated, for this law too, half a minute.
 * Needs a build.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
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

/** Law → what it asks, once it was measured. */
const asked = new Map();

/** Path of a counter-example of the law, if the fault gives one. */
async function killed(law, fault) {
  if (!asked.has(law.id)) asked.set(law.id, await askedBy(law));
  if (!canSee(asked.get(law.id), fault)) return undefined;
  const subject = ownSubject(oracle, fault.spoil(rightMethods));
  const result = await holdTo(law, subject, { seed, runs, shrink: false });
  return result.status === 'broken' ? result.counterExample.path : undefined;
}

/** Fault → law → path of a counter-example; what is `known` is not tested again, but for the laws in `again`. */
async function measure(known, again) {
  const kills = {};
  for (const fault of faults) {
    const row = (kills[fault.id] = {});
    for (const law of laws) {
      const isKnown = fault.id in known && !again.includes(law.id);
      const path = isKnown ? known[fault.id][law.id] : await killed(law, fault);
      if (path !== undefined) row[law.id] = path;
    }
    console.error(`${fault.id}: ${Object.keys(row).join(' ') || 'no law'}`);
  }
  return { seed, runs, kills };
}

await findBackend(oracle.id).open();
const file = join(root, 'packages/laws/src/faults/kills.json');
const { values } = parseArgs({ options: { missing: { type: 'boolean' }, law: { type: 'string', multiple: true } } });
const { missing = false, law = [] } = values;
const known = missing || law.length > 0 ? JSON.parse(readFileSync(file, 'utf8')).kills : {};
const found = await measure(known, law);
writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
writeFileSync(join(root, 'docs/laws-and-mutants.md'), page(found));
