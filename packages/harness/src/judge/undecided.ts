/**
 * For an answer that comes without masks: whether units at a switch point may be why it differs. It is then neither
 * right nor wrong.
 */
import { allowance, comparisonFor, maximum, type Stages } from '@touchstone/contract';
import { asKept, type Golden } from '../golden/golden-file.js';

/** An answer with a larger e2 is wrong: a few units at a switch point cannot explain it. */
const maxOfFewUnits = 0.05;

/** The reason why the answer cannot be judged; null: units at a switch point do not explain it. */
export function whyNotJudged(golden: Golden, stages: Stages): string | null {
  if (!(golden.reach === undefined ? isNear(golden, stages) : isWithinReach(golden, golden.reach, stages))) return null;
  const { atRisk } = golden.meta;
  const may = `${atRisk} units may lie on either side of a switch point`;
  return golden.reach === undefined
    ? `${may}; this port gives no masks to arbitrate with`
    : `${may}, as rounding decides, and all the differences are where these units matter`;
}

function isNear(golden: Golden, { attribution }: Stages): boolean {
  const kept = attribution && asKept(golden, 'attribution', attribution);
  const expected = golden.stages['attribution'];
  if (!kept || expected === undefined) return false;
  return comparisonFor(golden.perImage)(kept, expected).e2 < maxOfFewUnits;
}

/** Whether each value is no further from the golden than the units may move it, and rounding. */
function isWithinReach({ stages: exact, meta }: Golden, reach: Stages, stages: Stages): boolean {
  return Object.entries(exact).every(([stage, { data: golden }]) => {
    if (!Object.hasOwn(stages, stage)) return true;
    const { data } = stages[stage]!;
    const rounding = allowance(meta.reference[stage]!).eMax * maximum(golden.map(Math.abs));
    return data.every((value, i) => Math.abs(value - golden[i]!) <= reach[stage]!.data[i]! + rounding);
  });
}
