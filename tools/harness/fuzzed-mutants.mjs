#!/usr/bin/env node
/**
 * Counts the mutants that `touchstone fuzz methods` finds, for docs/fuzzing.md: each in the place of the backend, next
 * to float64, on the cases of one seed. `node tools/harness/fuzzed-mutants.mjs [MUTANT…]`; a few minutes of processor
 * time.
 */
import { fuzzMethods } from '../../packages/fuzz/dist/random-methods/fuzz.js';
import { engineOf, Refusal, SceneFolders } from '../../packages/fuzz/dist/random-methods/engine.js';
import { judgeScene } from '../../packages/fuzz/dist/random-methods/judge.js';
import { findMethod, mutants } from '../../packages/methods/dist/index.js';
import { loadNetwork, parseNetwork } from '../../packages/network/dist/index.js';
import { openSession } from '../../packages/session/dist/index.js';

const [runs, seed] = [1500, 2];

/** All cases of the seed, in order. */
async function drawnScenes() {
  const scenes = [];
  const engine = { name: 'none', explain: async (scene) => (scenes.push(scene), new Refusal('only drawn')) };
  await fuzzMethods({ engines: { tested: engine, float64: engine }, pytorch: null }, { runs, seed });
  return scenes;
}

const folders = new SceneFolders();
const session = await openSession({ backend: 'float64' });
const own = engineOf('float64', session, folders);
const answers = new Map();
const float64 = {
  ...own,
  explain: async (scene) => {
    if (!answers.has(scene)) answers.set(scene, await own.explain(scene));
    return answers.get(scene);
  },
};

async function explainWrongly(mutant, { description, weights, x, target, params, fixtures, method }) {
  const network = loadNetwork(parseNetwork(description, 'it'), weights);
  try {
    return await mutant.explain(findMethod(method), { network, x, target, params, fixtures });
  } catch (error) {
    return new Refusal(error.message);
  } finally {
    network.dispose();
  }
}

/** The number of the first case that shows the fault; 0: none does. */
async function firstCase(mutant, scenes) {
  for (const [i, scene] of scenes.entries()) {
    if (!mutant.of.includes(scene.method)) continue;
    const got = await explainWrongly(mutant, scene);
    const tested = { ...float64, name: mutant.id, explain: () => explainWrongly(mutant, scene) };
    const exact = await float64.explain(scene);
    const { difference } = await judgeScene(scene, { tested, float64 }, { tested: got, float64: exact }, undefined);
    if (difference !== null) return i + 1;
  }
  return 0;
}

const scenes = await drawnScenes();
const fuzzed = new Set(scenes.map(({ method }) => method));
const asked = process.argv.slice(2);
const left = mutants.filter(
  ({ id, of }) => of.some((method) => fuzzed.has(method)) && (asked.length === 0 || asked.includes(id)),
);
const missed = [];
for (const mutant of left) {
  const at = await firstCase(mutant, scenes);
  if (at === 0) missed.push(mutant.id);
  console.log(`${at === 0 ? '✗' : '✓'} ${mutant.id}: ${at === 0 ? 'no case' : `case ${at}`}`);
}
console.log(
  `${left.length - missed.length} of ${left.length} are found in ${runs} cases; not: ${missed.join(', ') || 'none'}`,
);
await session.close();
folders.close();
