/**
 * For a case with more units at a switch point than stored alternative answers. Rounding decides on which side such a
 * unit is, so every float32 backend has its own answer, and all of them may be right. Our own port records the side of
 * each of its units, float64 computes the case with these sides, and the port is compared with that answer under the
 * same bounds. This only counts if float64 alone agrees with PyTorch, and if every flipped unit really is at its switch
 * point. docs/formats.md, "Margins, units at risk and flips".
 */
import {
  coarseness,
  counted,
  maxSwitchPointDistance,
  TouchstoneError,
  type Stages,
  messageOf,
} from '@touchstone/contract';
import type { SwitchPointDifference } from '@touchstone/methods';
import { asKept, type Golden } from '../golden/golden-file.js';
import { compareStages } from './compare-stages.js';
import type { ComparisonResult } from './decision.js';
import type { JudgeOracle } from './oracle.js';
import type { ExplainRequest } from '@touchstone/session';
import type { JudgedPort } from '../port/port.js';

/**
 * The result of the comparison under the port's own masks if these explain the answer; else the given one, with the
 * reason why not.
 */
export async function arbitrate(
  golden: Golden,
  comparison: ComparisonResult,
  stages: Stages,
  port: JudgedPort,
  request: ExplainRequest,
  oracle: JudgeOracle,
): Promise<ComparisonResult> {
  const unexplained = (why: string): ComparisonResult => ({
    ...comparison,
    reason: `${comparison.reason}\narbitration in float64 does not explain it: ${why}`,
  });
  const switchPoints = await port.switchPoints(request);
  if (switchPoints === null) return unexplained('the masks could not be recorded');
  try {
    const {
      stages: forced,
      own,
      difference,
    } = await oracle.replay(request, switchPoints, !oracle.confirmed.has(request.case ?? ''));
    if (own !== null && compareStages({ ...golden, flips: [] }, own, 'every stage').status === 'passed')
      oracle.confirmed.add(request.case ?? '');
    if (!oracle.confirmed.has(request.case ?? '')) return unexplained('float64 itself differs from the golden');
    const objection = objectionTo(difference, maxSwitchPointDistance * coarseness(port.tier));
    if (objection !== null) return unexplained(objection);
    const arbitrated = compareStages(
      { ...golden, stages: keptOf(golden, forced), flips: [] },
      stages,
      'every stage',
      port.tier,
    );
    if (arbitrated.status !== 'passed')
      return unexplained(`under the masks of this run stage "${arbitrated.stage}" differs too`);
    return {
      ...arbitrated,
      reason:
        `${port.tier === 'float16' ? `${arbitrated.reason}; ` : ''}arbitrated in float64 under its own masks: ` +
        `${counted(difference.flipped, 'unit')} on the other side of a switch point`,
    };
  } catch (error) {
    return unexplained(messageOf(error));
  }
}

/** The compared stages as the golden stores its own. */
function keptOf(golden: Golden, stages: Stages): Stages {
  const kept: Stages = {};
  for (const stage of Object.keys(golden.stages)) {
    const tensor = stages[stage] && asKept(golden, stage, stages[stage]);
    if (!tensor)
      throw new TouchstoneError('internal', `the stage "${stage}" of float64 differs in shape from the golden`);
    kept[stage] = tensor;
  }
  return kept;
}

function objectionTo({ flipped, furthest }: SwitchPointDifference, nearest: number): string | null {
  if (flipped === 0) return 'all units are on the same side of their switch points';
  if (furthest <= nearest) return null;
  return (
    `${counted(flipped, 'unit')} on the other side, ` +
    `one of them ${furthest.toExponential(1)} of the layer's largest value ` +
    `away from its switch point, at most ${nearest} is rounding`
  );
}
