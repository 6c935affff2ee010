/**
 * A case with more units at a kink than alternative answers are stored for. Which side such a unit is on is decided by
 * rounding, so every float32 engine has an answer of its own, and all may be right (design decision 5). Our own port
 * says which side each of its units was on; float64 answers with those sides, and the port is held to that answer
 * under the same bounds. It is a fair reference only where it agrees with PyTorch when left alone, and where every unit
 * that it was made to flip really is at its kink.
 */
import { coarseness, compareTensors, TouchstoneError, type Stages, messageOf } from '@touchstone/contract';
import type { KinkDifference } from '@touchstone/methods';
import { asKept, type Golden } from '../golden/golden-store.js';
import { judge, type Verdict } from './judge.js';
import type { Oracle } from './oracle.js';
import type { ExplainRequest } from '@touchstone/session';
import type { Port } from '../port/port.js';

/**
 * How far from its kink, in float64 and relative to the largest |value| of its layer's input, a unit may be that
 * another engine has on its other side: 16 times, as in the policy, the furthest that was measured, 5.9e-7 (cpu and wasm,
 * every case of golden/).
 */
export const nearKink = 1e-5;

/** A foreign port that is further off, in e2, is not excused by a few units at a kink. */
const maxOfFewUnits = 0.05;

/** Stages that no gradient enters. */
const forwardStages = new Set(['logits', 'sigma', 'activations']);

/**
 * Whether units at a kink, whose alternative answers are not stored, may be why the verdict is `failed`. The stored ones have one unit
 * on its other side: of several at risk more may be, which masks would show. Who gives none is not excused where one answer for each is
 * stored. Which units are at risk was counted for float32.
 */
export function mayBeAtKink(
  { meta }: Golden,
  { status, check, stage }: Verdict,
  { own, tier }: Pick<Port, 'own' | 'tier'>,
): boolean {
  const covered = own ? Math.min(meta.flips.length, 1) : meta.flips.length;
  const someAtRisk = tier === 'float16' || meta.atRisk > covered;
  return status === 'failed' && (check === 'e2' || check === 'eMax') && someAtRisk && !forwardStages.has(stage);
}

/** The verdict under the port's own masks where these explain the answer; else the old one, which says why not. */
export async function arbitrate(
  golden: Golden,
  verdict: Verdict,
  stages: Stages,
  port: Port,
  request: ExplainRequest,
  oracle: Oracle,
): Promise<Verdict> {
  const unexplained = (why: string): Verdict => ({
    ...verdict,
    reason: `${verdict.reason}\narbitration in float64 does not explain it: ${why}`,
  });
  const kinks = await port.kinks(request);
  if (kinks === null) return unexplained('the masks could not be recorded');
  try {
    const {
      stages: forced,
      own,
      difference,
    } = await oracle.replay(request, kinks, !oracle.confirmed.has(request.case ?? ''));
    if (own !== null && judge({ ...golden, flips: [] }, own, true).status === 'passed')
      oracle.confirmed.add(request.case ?? '');
    if (!oracle.confirmed.has(request.case ?? '')) return unexplained('float64 itself differs from the golden');
    const objection = objectionTo(difference, nearKink * coarseness(port.tier));
    if (objection !== null) return unexplained(objection);
    const arbitrated = judge({ ...golden, stages: keptOf(golden, forced), flips: [] }, stages, true, port.tier);
    if (arbitrated.status !== 'passed')
      return unexplained(`under the masks of this run stage "${arbitrated.stage}" differs too`);
    return {
      ...arbitrated,
      reason: `${port.tier === 'float16' ? `${arbitrated.reason}; ` : ''}arbitrated in float64 under its own masks: ${counted(difference.flipped)} at a kink on their other side`,
    };
  } catch (error) {
    return unexplained(messageOf(error));
  }
}

/** The compared stages as the golden keeps its own. */
function keptOf(golden: Golden, stages: Stages): Stages {
  const kept: Stages = {};
  for (const stage of Object.keys(golden.stages)) {
    const tensor = stages[stage] && asKept(golden, stage, stages[stage]);
    if (!tensor) throw new TouchstoneError('internal', `float64 gives another stage "${stage}" than the golden`);
    kept[stage] = tensor;
  }
  return kept;
}

function objectionTo({ flipped, furthest }: KinkDifference, nearest: number): string | null {
  if (flipped === 0) return 'all units are on the same side of their kinks';
  if (furthest <= nearest) return null;
  return `${counted(flipped)} on their other side, one of them ${furthest.toExponential(1)} of the layer's largest value away from its kink, at most ${nearest} is rounding`;
}

/** The reason to skip a case whose answer is near the golden, but comes without masks; null: it is too far off. */
export function whyNotJudged(golden: Golden, { attribution }: Stages): string | null {
  const kept = attribution && asKept(golden, 'attribution', attribution);
  const expected = golden.stages['attribution'];
  if (!kept || expected === undefined || !(compareTensors(kept, expected).e2 < maxOfFewUnits)) return null;
  return `units at a kink: ${golden.meta.atRisk} of them may lie on either side; this port gives no masks to arbitrate with`;
}

function counted(units: number): string {
  return units === 1 ? '1 unit' : `${units} units`;
}
