/**
 * The units of a float64 run that float32 may have on either side of their switch point: the answers with each of them
 * on its other side, and how far all of them together may move an answer. docs/adr/0015-made-goldens.md
 */
import { allowance, comparisonFor, Random, type Stages } from '@touchstone/contract';
import { explain, type Explanation } from './explain.js';
import type { Method } from './method.js';
import { flipped, nearUnits, type Perturbed, type Unit } from './near-units.js';
import { perturbSums } from './perturb-sums.js';
import type { SwitchValues } from './switch-points.js';

export interface NearUnits {
  /** The answers with one near unit on its other side, each. */
  readonly flips: readonly Stages[];
  /** Near units that may move an answer; those in `flips` are some of them. */
  readonly units: number;
  /**
   * Stage → how far each of its values may be from the exact one, with several units on their other sides; null: one is
   * near at most, or together they move nothing.
   */
  readonly reach: Stages | null;
}

/** The most units that are tried one by one; float32 moves only the nearest. */
const maxTried = 64;
/** Float32 has an error of its own here, so a smaller effect cannot be seen. */
const { e2: seen } = allowance({ e2: 0, eMax: 0 });
/** Draws of sides, each with its opposite; in half of them the units of a channel are on one side. */
const draws = 6;
/** The largest change that a few draws show is not the largest that there is. */
const reachFactor = 3;

/**
 * @param within the largest distance of a unit that counts
 * @param most flips that are returned; a unit that does not move any stage is not one of them
 */
export async function nearSwitchPoints(
  method: Method,
  explanation: Explanation,
  { within, most }: { readonly within: number; readonly most: number },
): Promise<NearUnits> {
  const compare = comparisonFor(method.declares.perImage);
  const { stages: exact, values } = await recorded(method, explanation);
  const near = nearUnits(values, await perturbed(method, explanation, values), within);
  const answer = async (units: readonly Unit[]): Promise<Stages> =>
    (await explain(method, explanation, { switchPoints: { replay: flipped(values, units) } })).stages;
  const flips: Stages[] = [];
  let tried = 0;
  for (const unit of near.slice(0, maxTried)) {
    if (flips.length === most) break;
    tried++;
    const stages = await answer([unit]);
    if (movesSome(stages, exact, compare)) flips.push(stages);
  }
  const together = near.length > 1 ? await allTogether(near, exact, answer, compare) : null;
  const units = flips.length + near.length - tried;
  return together === null ? { flips, units, reach: null } : { flips, units: Math.max(units, 2), reach: together };
}

/** What was seen of many sides at once, times `reachFactor`; null: none of them moves a stage. */
async function allTogether(
  near: readonly Unit[],
  exact: Stages,
  answer: (units: readonly Unit[]) => Promise<Stages>,
  compare: Compare,
): Promise<Stages | null> {
  const reach = Object.fromEntries(
    Object.entries(exact).map(([name, { shape, data }]) => [name, { shape, data: new Float64Array(data.length) }]),
  );
  let moves = false;
  for (const units of sidesOf(near)) {
    const stages = await answer(units);
    moves ||= movesSome(stages, exact, compare);
    for (const [name, { data }] of Object.entries(reach))
      for (const [i, value] of exact[name]!.data.entries())
        data[i] = Math.max(data[i]!, reachFactor * Math.abs(stages[name]!.data[i]! - value));
  }
  return moves ? reach : null;
}

/** Draws of those that are on their other side: all of them, then halves with their opposites. */
function* sidesOf(near: readonly Unit[]): Generator<readonly Unit[]> {
  yield near;
  for (let draw = 0; draw < draws; draw++) {
    const random = new Random(draw, 'sides');
    const groups = new Map<string, boolean>();
    // Where an image is flat, rounding puts all units of a channel on the same side.
    const groupOf = ({ kind, call, channel, index, rival }: Unit): string =>
      [kind, call, channel, ...(draw % 2 === 0 ? [] : [index, rival])].join();
    for (const unit of near) {
      const group = groupOf(unit);
      if (!groups.has(group)) groups.set(group, random.uniform() < 0.5);
    }
    for (const side of [true, false]) yield near.filter((unit) => groups.get(groupOf(unit)) === side);
  }
}

type Compare = ReturnType<typeof comparisonFor>;

function movesSome(stages: Stages, exact: Stages, compare: Compare): boolean {
  return Object.entries(exact).some(([name, stage]) => !(compare(stages[name]!, stage).e2 <= seen));
}

async function recorded(
  method: Method,
  explanation: Explanation,
): Promise<{ readonly stages: Stages; readonly values: SwitchValues }> {
  const { stages, switchPoints } = await explain(method, explanation, { switchPoints: { record: 'values' } });
  return { stages, values: switchPoints as SwitchValues };
}

async function perturbed(method: Method, explanation: Explanation, { relus, pools }: SwitchValues): Promise<Perturbed> {
  const run = async (each: 'input' | 'value'): Promise<SwitchValues> => {
    const stop = perturbSums(explanation.network, each);
    try {
      return (await recorded(method, explanation)).values;
    } finally {
      stop();
    }
  };
  return {
    inputs: relus.length === 0 ? [] : (await run('input')).inputs,
    pools: pools.length === 0 ? [] : (await run('value')).pools,
  };
}
