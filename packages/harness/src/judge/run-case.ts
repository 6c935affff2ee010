import {
  isErrorCode,
  TouchstoneError,
  valuesIn,
  type CaseRow,
  type Outcome,
  messageOf,
  plainText,
} from '@touchstone/contract';
import { arbitrate, mayBeAtKink, whyNotJudged } from './arbitrate.js';
import { allParams } from '../golden/case-params.js';
import { firstDivergingLayer } from './diagnose.js';
import { howClaimsFail } from './postconditions.js';
import { shapesOf, type Golden, type GoldenStore } from '../golden/golden-store.js';
import { judge, judgeClaimed, type Verdict } from './judge.js';
import { likelyCause } from './likely-cause.js';
import type { Oracle } from './oracle.js';
import { whyTooSlow } from '../run/time-estimate.js';
import type { Answer, Port, Task } from '../port/port.js';

type Stages = Extract<Answer, { kind: 'stages' }>;

/** An outcome, and what led to it where the port answered. */
export interface Judged {
  readonly outcome: Outcome;
  readonly answer: Stages | null;
  readonly task: Task | null;
}

/** Asks the port for one case and judges what comes back. */
export async function runCase(golden: GoldenStore, row: CaseRow, port: Port, oracle: Oracle): Promise<Judged> {
  let task: Task;
  let expected: Golden;
  try {
    expected = golden.readGolden(row.id);
    task = taskOf(golden, row, expected);
  } catch (error) {
    return { outcome: erroredBefore(row, port, error), answer: null, task: null };
  }
  const tooSlow = whyTooSlow(port, expected.meta.multiplyAdds);
  if (tooSlow !== null) return { outcome: { ...blank(row, port), reason: tooSlow }, answer: null, task };
  const answer = await port.answer(task);
  if (answer.kind === 'skipped')
    return {
      outcome: { ...blank(row, port), status: 'skipped', reason: plainText(answer.reason) },
      answer: null,
      task,
    };
  if (answer.kind === 'errored') return { outcome: errored(row, port, answer), answer: null, task };
  return { outcome: await judged(row, port, expected, task, answer, oracle), answer, task };
}

/** The outcome of a case on a backend that cannot run. */
export function unavailable(row: CaseRow, backend: string, reason: string, required: boolean): Outcome {
  const outcome = { ...blank(row, { id: backend }), reason: `unavailable: ${plainText(reason)}` };
  return required ? { ...outcome, status: 'errored', code: 'backend-unavailable' } : outcome;
}

/** What a port is asked for a case. */
export function taskOf(golden: GoldenStore, row: CaseRow, expected: Golden = golden.readGolden(row.id)): Task {
  golden.checkNetwork(row.network);
  const values = Object.values(shapesOf(expected)).reduce((sum, shape) => sum + valuesIn(shape), 0);
  return {
    row,
    networkFolder: golden.networkFolder(row.network),
    x: golden.readInput(row.input),
    fixtures: golden.readFixtures(row.fixture),
    params: allParams(row),
    // A wrong shape is a verdict, a flood is not: some room between the two.
    maxValues: 4 * values + 65_536,
    multiplyAdds: expected.meta.multiplyAdds,
  };
}

async function judged(
  row: CaseRow,
  port: Port,
  golden: Golden,
  task: Task,
  answer: Stages,
  oracle: Oracle,
): Promise<Outcome> {
  let verdict = judge(golden, answer.stages, port.own, port.tier);
  const atKink = mayBeAtKink(golden, verdict, port);
  if (atKink && port.own) verdict = await arbitrate(golden, verdict, answer.stages, port, task, oracle);
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
      reason: [verdict.reason, ...(await diagnosis(port, golden, task, verdict, answer, oracle))].join('\n'),
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
    const reason = howClaimsFail(await oracle.claims(task, answer.stages, golden.claimed));
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
  task: Task,
  { check, stage }: Verdict,
  { stages }: Stages,
  oracle: Oracle,
): Promise<string[]> {
  const probes = await port.sketch(task, golden.meta.sketch);
  const layer = probes === null ? null : firstDivergingLayer(golden, probes);
  const cause =
    check === 'stages' ? null : await likelyCause(golden, stages, stage, task, oracle, port.tier).catch(() => null);
  return [
    ...(layer === null ? [] : [`first diverging layer: ${layer}`]),
    ...(cause === null ? [] : [`likely cause: ${cause}`]),
  ];
}

function errored(row: CaseRow, port: Port, { code, reason, leaked }: Extract<Answer, { kind: 'errored' }>): Outcome {
  const outcome: Outcome = {
    ...blank(row, port),
    status: 'errored',
    code: isErrorCode(code) ? code : 'internal',
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
