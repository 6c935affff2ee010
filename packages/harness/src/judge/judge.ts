/** The policy of the judge: which checks decide about an answer, and in which order. */
import { counted, messageOf, TouchstoneError, type RequiredStages } from '@touchstone/contract';
import type { Answered, ExplainRequest } from '@touchstone/session';
import type { Golden } from '../golden/golden-file.js';
import type { JudgedPort } from '../port/port.js';
import { whyUnrepeated } from '../port/repeated.js';
import { arbitrate } from './arbitrate.js';
import { checkPostconditionStages, compareStages } from './compare-stages.js';
import type { Decision, ComparisonResult } from './decision.js';
import { firstDivergingLayer, firstDivergingMap } from './diagnose.js';
import { drawnAtRandom, likelyCause, linesOf, type LikelyCause } from './likely-cause.js';
import type { JudgeOracle } from './oracle.js';
import { howPostconditionsFail } from './postconditions.js';
import { whyNotJudged } from './undecided.js';

/** Stages that no gradient enters. */
const forwardStages = new Set(['logits', 'sigma', 'activations']);

/** Everything that a check may use. */
interface Evidence {
  readonly golden: Golden;
  readonly required: RequiredStages;
  readonly request: ExplainRequest;
  readonly answer: Answered;
  readonly port: JudgedPort;
  readonly oracle: JudgeOracle;
  /** The result of the comparison with the golden; of our own port at a switch point, after arbitration. */
  readonly comparison: ComparisonResult;
  /** Whether units at a switch point may be why the comparison failed. */
  readonly atSwitchPoint: boolean;
}

interface JudgeCheck {
  readonly name: string;
  /** null: the next check decides. */
  readonly decide: (evidence: Evidence) => Decision | null | Promise<Decision | null>;
}

/** In order: the first that decides wins. If none does, the comparison has passed. */
const checks: readonly JudgeCheck[] = [
  { name: 'not judged: at a switch point, without masks', decide: notJudged },
  { name: 'stages agree with the golden', decide: stagesDiffer },
  { name: 'stages of postconditions are complete', decide: stagesIncomplete },
  { name: 'a second run gives the same bits', decide: notRepeated },
  { name: 'no tensor is left behind', decide: leaked },
  { name: 'postconditions hold in float64', decide: postconditionsFail },
];

/**
 * Compares with the golden, then asks the checks in their order: the first that decides wins.
 *
 * @param about the stages that the case is about
 */
export async function judge(
  golden: Golden,
  about: RequiredStages,
  request: ExplainRequest,
  answer: Answered,
  port: JudgedPort,
  oracle: JudgeOracle,
): Promise<Decision> {
  const required = port.own ? 'every stage' : about;
  const compared = compareStages(golden, answer.stages, required, port.tier, port.layout);
  const atSwitchPoint = mayBeAtSwitchPoint(golden, compared, port);
  const comparison =
    atSwitchPoint && port.own ? await arbitrate(golden, compared, answer.stages, port, request, oracle) : compared;
  const evidence = { golden, required, request, answer, port, oracle, comparison, atSwitchPoint };
  for (const { decide } of checks) {
    const decision = await decide(evidence);
    if (decision !== null) return withCost(decision, answer);
  }
  return withCost(comparison, answer);
}

function withCost(decision: Decision, { milliseconds, peakBytes }: Answered): Decision {
  if (decision.status === 'skipped' || decision.status === 'errored') return decision;
  return {
    ...decision,
    ...(milliseconds === null ? {} : { milliseconds }),
    ...(peakBytes === null ? {} : { peakBytes }),
  };
}

/**
 * Whether units at a switch point, whose alternative answers are not stored, may be why the comparison failed. A stored
 * alternative has one unit on the other side; with several units at risk more than one may be, which the masks show. A
 * port without masks is not excused where an alternative is stored for each unit. The units at risk were counted for
 * float32.
 */
function mayBeAtSwitchPoint(
  { meta, reach }: Golden,
  comparison: ComparisonResult,
  { own, tier }: Pick<JudgedPort, 'own' | 'tier'>,
): boolean {
  if (comparison.status !== 'failed' || (comparison.check !== 'e2' && comparison.check !== 'eMax')) return false;
  const covered = own ? Math.min(meta.flips.length, 1) : meta.flips.length;
  return (tier === 'float16' || meta.atRisk > covered || reach !== undefined) && !forwardStages.has(comparison.stage);
}

function notJudged({ atSwitchPoint, port, answer, golden }: Evidence): Decision | null {
  if (!atSwitchPoint || port.own || answer.unrepeated !== null) return null;
  const reason = whyNotJudged(golden, answer.stages);
  return reason === null ? null : { status: 'skipped', reason };
}

function stagesDiffer(evidence: Evidence): Promise<Decision> | null {
  return evidence.comparison.status === 'failed' ? diagnosed(evidence.comparison, evidence) : null;
}

function stagesIncomplete(evidence: Evidence): Promise<Decision> | null {
  const { golden, required, answer } = evidence;
  if (!hasPostconditions(golden)) return null;
  const comparison = checkPostconditionStages(golden, answer.stages, required);
  return comparison === null ? null : diagnosed(comparison, evidence);
}

function notRepeated({ comparison, answer }: Evidence): Decision | null {
  const reason = whyUnrepeated(answer);
  if (reason === null) return null;
  return { ...comparison, status: 'failed', check: 'repeat', stage: answer.unrepeated!, reason };
}

function leaked({ comparison, answer }: Evidence): Decision | null {
  if (answer.leaked === 0) return null;
  return { ...comparison, status: 'failed', check: 'leak', reason: leakText(answer.leaked) };
}

async function postconditionsFail({ golden, comparison, oracle, request, answer }: Evidence): Promise<Decision | null> {
  if (!hasPostconditions(golden)) return null;
  try {
    const found = await oracle.postconditions(request, answer.stages, golden.postconditionStages);
    const reason = howPostconditionsFail(found);
    if (reason === null) return null;
    return { ...comparison, status: 'failed', check: 'postcondition', stage: 'attribution', reason };
  } catch (error) {
    const code = error instanceof TouchstoneError ? error.code : 'internal';
    return {
      status: 'errored',
      code,
      reason: `the postconditions could not be evaluated in float64: ${messageOf(error)}`,
    };
  }
}

function hasPostconditions({ meta }: Golden): boolean {
  return Object.keys(meta.claimed).length > 0;
}

/** The comparison with lines for people: where the answer first differs, the likely cause, and what to do about it. */
async function diagnosed(comparison: ComparisonResult, evidence: Evidence): Promise<ComparisonResult> {
  if (comparison.status !== 'failed') return comparison;
  const layer = await firstDiverging(evidence);
  const lines = layer === null ? [] : [`first diverging layer: ${layer}`];
  let cause: LikelyCause | null = null;
  try {
    cause = comparison.check === 'stages' ? null : await causeOf(comparison.stage, evidence);
  } catch (error) {
    lines.push(`no cause could be sought: ${messageOf(error)}`);
  }
  if (cause !== null) lines.push(...linesOf(cause));
  const reason = [comparison.reason, ...lines].join('\n');
  if (cause === null) return { ...comparison, reason };
  const { fault, mutants, certain, remedy } = cause;
  const alternatives = cause.alternatives.map((other) => ({
    fault: other.fault,
    mutants: other.mutants.slice(),
    remedy: other.remedy,
  }));
  const told = { fault, mutants: [...mutants], certain, remedy, ...(alternatives.length > 0 && { alternatives }) };
  return { ...comparison, reason, cause: told };
}

async function firstDiverging({ port, golden, request, answer }: Evidence): Promise<string | null> {
  const probes = await port.sketch(request, golden.meta.sketch);
  return probes === null ? firstDivergingMap(golden, answer.stages, port.tier) : firstDivergingLayer(golden, probes);
}

async function causeOf(
  stage: string,
  { port, golden, request, answer, oracle }: Evidence,
): Promise<LikelyCause | null> {
  const { tier, language, layout } = port;
  const cause = await likelyCause(golden, answer.stages, stage, request, oracle, tier, language, layout);
  return cause ?? (answer.unrepeated === null || answer.unanswered !== undefined ? null : drawnAtRandom(language));
}

export function leakText(tensors: number): string {
  return tensors > 0
    ? `${counted(tensors, 'tensor')} ${tensors === 1 ? 'was' : 'were'} left behind`
    : `${counted(-tensors, 'tensor')} of others ${tensors === -1 ? 'was' : 'were'} disposed of`;
}
