import { TouchstoneError, type CaseRow, type Outcome, messageOf, plainText } from '@touchstone/contract';
import { arbitrate, mayBeAtKink, whyNotJudged } from './arbitrate.js';
import { firstDivergingLayer } from './diagnose.js';
import { howClaimsFail } from './postconditions.js';
import { type Golden, type GoldenStore } from '../golden/golden-store.js';
import { judge, judgeClaimed, type Verdict } from './judge.js';
import { likelyCause } from './likely-cause.js';
import type { Oracle } from './oracle.js';
import { whyTooSlow } from '../run/time-estimate.js';
import type { Answered, ExplainAnswer, ExplainRequest } from '@touchstone/session';
import type { Port } from '../port/port.js';
import { requestFor } from '../port/request-for.js';

/** An outcome, and what led to it where the port answered. */
export interface Judged {
  readonly outcome: Outcome;
  readonly answer: Answered | null;
  readonly request: ExplainRequest | null;
}

/** Asks the port for one case and judges what comes back. */
export async function runCase(golden: GoldenStore, row: CaseRow, port: Port, oracle: Oracle): Promise<Judged> {
  let request: ExplainRequest;
  let expected: Golden;
  try {
    expected = golden.readGolden(row.id);
    request = requestFor(golden, row, expected);
  } catch (error) {
    return { outcome: erroredBefore(row, port, error), answer: null, request: null };
  }
  const tooSlow = whyTooSlow(port, expected.meta.multiplyAdds);
  if (tooSlow !== null) return { outcome: { ...blank(row, port), reason: tooSlow }, answer: null, request };
  const answer = await port.explain(request);
  if (answer.kind === 'skipped')
    return {
      outcome: { ...blank(row, port), status: 'skipped', reason: plainText(answer.reason) },
      answer: null,
      request,
    };
  if (answer.kind === 'errored') return { outcome: errored(row, port, answer), answer: null, request };
  return { outcome: await judged(row, port, expected, request, answer, oracle), answer, request };
}

/** The outcome of a case on a backend that cannot run. */
export function unavailable(row: CaseRow, backend: string, reason: string, required: boolean): Outcome {
  const outcome = { ...blank(row, { id: backend }), reason: `unavailable: ${plainText(reason)}` };
  return required ? { ...outcome, status: 'errored', code: 'backend-unavailable' } : outcome;
}

async function judged(
  row: CaseRow,
  port: Port,
  golden: Golden,
  request: ExplainRequest,
  answer: Answered,
  oracle: Oracle,
): Promise<Outcome> {
  let verdict = judge(golden, answer.stages, port.own, port.tier);
  const atKink = mayBeAtKink(golden, verdict, port);
  if (atKink && port.own) verdict = await arbitrate(golden, verdict, answer.stages, port, request, oracle);
  if (verdict.status === 'passed') verdict = judgeClaimed(golden, answer.stages, port.own) ?? verdict;
  const outcome: Outcome = {
    ...blank(row, port),
    ...verdict,
    milliseconds: answer.milliseconds,
    peakBytes: answer.peakBytes,
  };
  if (atKink && !port.own && answer.unrepeated === null) {
    const reason = whyNotJudged(golden, answer.stages);
    if (reason !== null) return { ...outcome, status: 'skipped', check: null, reason };
  }
  if (verdict.status === 'failed')
    return {
      ...outcome,
      reason: [verdict.reason, ...(await diagnosis(port, golden, request, verdict, answer, oracle))].join('\n'),
    };
  if (answer.unrepeated !== null) {
    return {
      ...outcome,
      status: 'failed',
      check: 'repeat',
      stage: answer.unrepeated,
      reason: `a second run gave other bits at stage "${plainText(answer.unrepeated, 100)}"`,
    };
  }
  if (answer.leaked !== 0) return { ...outcome, status: 'failed', check: 'leak', reason: leakText(answer.leaked) };
  if (Object.keys(golden.meta.claimed).length === 0) return outcome;
  try {
    const reason = howClaimsFail(await oracle.claims(request, answer.stages, golden.claimed));
    return reason === null ? outcome : { ...outcome, status: 'failed', check: 'claim', stage: 'attribution', reason };
  } catch (error) {
    const code = error instanceof TouchstoneError ? error.code : 'internal';
    return {
      ...outcome,
      status: 'errored',
      code,
      reason: `the claims could not be examined in float64: ${messageOf(error)}`,
    };
  }
}

/** Lines for a person: where the answer begins to differ, and why. */
async function diagnosis(
  port: Port,
  golden: Golden,
  request: ExplainRequest,
  { check, stage }: Verdict,
  { stages }: Answered,
  oracle: Oracle,
): Promise<string[]> {
  const probes = await port.sketch(request, golden.meta.sketch);
  const layer = probes === null ? null : firstDivergingLayer(golden, probes);
  const cause =
    check === 'stages' ? null : await likelyCause(golden, stages, stage, request, oracle, port.tier).catch(() => null);
  return [
    ...(layer === null ? [] : [`first diverging layer: ${layer}`]),
    ...(cause === null ? [] : [`likely cause: ${cause}`]),
  ];
}

function errored(
  row: CaseRow,
  port: Port,
  { code, reason, leaked }: Extract<ExplainAnswer, { kind: 'errored' }>,
): Outcome {
  const outcome: Outcome = {
    ...blank(row, port),
    status: 'errored',
    code,
    reason: plainText(reason, 800),
  };
  return leaked === 0 ? outcome : { ...outcome, check: 'leak', reason: `${outcome.reason}\nand ${leakText(leaked)}` };
}

function erroredBefore(row: CaseRow, port: Port, error: unknown): Outcome {
  const code = error instanceof TouchstoneError ? error.code : 'internal';
  return {
    ...blank(row, port),
    status: 'errored',
    check: code === 'golden-damaged' ? 'golden' : null,
    code,
    reason: messageOf(error),
  };
}

function leakText(leaked: number): string {
  return leaked > 0
    ? `${leaked} tensors were left behind`
    : `${-leaked} tensors were disposed of that belong to others`;
}

function blank(row: CaseRow, { id }: Pick<Port, 'id'>): Outcome {
  const { id: name, method, network } = row;
  const nothing = {
    stage: null,
    e2: null,
    eMax: null,
    allowed: null,
    allowedMax: null,
    ratio: null,
    check: null,
    code: null,
    reason: null,
    milliseconds: null,
    peakBytes: null,
  };
  return { kind: 'outcome', case: name, method, network, backend: id, status: 'skipped', ...nothing };
}
