/** Random programs to keep, drawn from a seed and chosen so that together they exercise every kind with every act. */
import { type CaseRow, type Stages, TouchstoneError } from '@touchstone/contract';
import fc from 'fast-check';
import { caseRow, settingFiles, type Files } from '../frozen.js';
import { combinations, exercised, inWords, type Combination } from './features.js';
import { plan } from './plan.js';
import { sceneOf, settings, type HookScene, type Setting } from './scene.js';
import { ourTrace } from './trace.js';

/** Programs that share a network: fewer files. */
const perNetwork = 6;
/** Plans to choose from for each network. */
const plansPerNetwork = 40;
/** Bounds of a network, and of a trace, that is worth keeping. */
const minModules = 6;
const minStages = 8;
const maxValues = 2500;

export interface Corpus {
  readonly rows: readonly CaseRow[];
  /** Networks and inputs, without the rows. */
  readonly files: Files;
  /** Combination → number of programs that exercise it. */
  readonly coverage: ReadonlyMap<Combination, number>;
}

/**
 * The same seed gives the same corpus.
 *
 * @throws TouchstoneError `usage` when the programs are too few to exercise everything
 */
export async function drawCorpus({
  count,
  seed,
  ours = ourTrace,
  onProgress,
}: {
  count: number;
  seed: number;
  ours?: (scene: HookScene) => Promise<Stages>;
  onProgress?: (done: number) => void;
}): Promise<Corpus> {
  const rows: CaseRow[] = [];
  const files = new Map<string, string | Uint8Array>();
  const coverage = new Map<Combination, number>(combinations.map((combination) => [combination, 0]));
  const networks = fc
    .sample(settings, { seed, numRuns: Math.ceil(count / perNetwork) * 4 })
    .filter(({ description }) => Object.keys(description.modules).length >= minModules);
  for (let number = 1; rows.length < count; number++) {
    const setting = networks[number - 1];
    if (!setting) throw new TouchstoneError('usage', `seed ${seed} gives too few networks`, 'Take another seed.');
    const name = `hooks/random-${String(number).padStart(2, '0')}`;
    for (const [path, content] of settingFiles(setting, name, 'a random module tree for random hook programs'))
      files.set(path, content);
    const choices = await tried(setting, seed + number, ours);
    for (let program = 1; program <= perNetwork && rows.length < count; program++) {
      const chosen = takeBest(choices, coverage);
      if (!chosen) break;
      for (const combination of chosen.exercised) coverage.set(combination, coverage.get(combination)! + 1);
      const { scene, trace } = chosen;
      const why = inWords(scene.program, scene.description, trace);
      rows.push(hookCase(scene, { id: `${name}/${program}`, name, why }));
    }
    onProgress?.(rows.length);
  }
  const missing = combinations.filter((combination) => coverage.get(combination) === 0);
  if (missing.length > 0)
    throw new TouchstoneError(
      'usage',
      `${count} programs of seed ${seed} do not exercise ${missing.join(', ')}`,
      'Ask for more programs, or take another seed.',
    );
  return { rows, files, coverage };
}

/** @param about `id` of the case; `name` of its network and input */
export function hookCase(
  { target, program }: HookScene,
  about: { readonly id: string; readonly name: string; readonly why: string },
): CaseRow {
  return caseRow({ ...about, method: 'hooks', target, params: { program } });
}

interface Choice {
  readonly scene: HookScene;
  readonly trace: Stages;
  readonly exercised: ReadonlySet<Combination>;
}

async function tried(setting: Setting, seed: number, ours: (scene: HookScene) => Promise<Stages>): Promise<Choice[]> {
  const choices: Choice[] = [];
  for (const drawnPlan of fc.sample(plan, { seed, numRuns: plansPerNetwork })) {
    const scene = sceneOf(setting, drawnPlan);
    const trace = await ours(scene);
    const sizes = Object.values(trace).map(({ data }) => data.length);
    const isWorthIt = sizes.length >= minStages && sizes.reduce((a, b) => a + b, 0) <= maxValues;
    if (isWorthIt) choices.push({ scene, trace, exercised: exercised(scene.program, trace) });
  }
  return choices;
}

/** Removes and returns the choice with the rarest combinations so far. */
function takeBest(choices: Choice[], coverage: ReadonlyMap<Combination, number>): Choice | undefined {
  const worth = (choice: Choice) =>
    [...choice.exercised].reduce((sum, combination) => sum + 1 / (1 + coverage.get(combination)!) ** 2, 0);
  const [best] = choices.toSorted((a, b) => worth(b) - worth(a));
  if (best) choices.splice(choices.indexOf(best), 1);
  return best;
}
