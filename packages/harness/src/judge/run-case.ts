import {
  TouchstoneError,
  type CaseRow,
  type Errored,
  type Outcome,
  type Skipped,
  messageOf,
  plainText,
} from '@touchstone/contract';
import type { Answered, ExplainRequest } from '@touchstone/session';
import type { Golden, GoldenStore } from '../golden/golden-store.js';
import type { Port } from '../port/port.js';
import { requestFor } from '../port/request-for.js';
import { whyTooSlow } from '../run/time-estimate.js';
import { arbitrate, mayBeAtSwitchPoint } from './arbitrate.js';
import { checks, leakText } from './checks.js';
import { compareStages } from './compare-stages.js';
import type { Decision } from './decision.js';
import type { Oracle } from './oracle.js';

/** An outcome; and where the port answered, what it was asked and what it answered. */
export type CaseResult =
  | { readonly outcome: Skipped | Errored; readonly answer?: never; readonly request?: never }
  | { readonly outcome: Outcome; readonly answer: Answered; readonly request: ExplainRequest };

/** Asks the port for one case and judges the answer. */
export async function runCase(golden: GoldenStore, row: CaseRow, port: Port, oracle: Oracle): Promise<CaseResult> {
  let request: ExplainRequest;
  let expected: Golden;
  try {
    expected = golden.readGolden(row.id);
    request = requestFor(golden, row, expected);
  } catch (error) {
    return { outcome: { ...subject(row, port.id), status: 'errored', ...codeAndReason(error) } };
  }
  const tooSlow = whyTooSlow(port, expected.meta.multiplyAdds);
  if (tooSlow !== null) return { outcome: skipped(row, port.id, tooSlow) };
  const answer = await port.explain(request);
  if (answer.kind === 'skipped') return { outcome: skipped(row, port.id, plainText(answer.reason)) };
  if (answer.kind === 'errored') {
    const { code, leaked } = answer;
    const errored = {
      ...subject(row, port.id),
      status: 'errored',
      code,
      reason: plainText(answer.reason, 800),
    } as const;
    return {
      outcome:
        leaked === 0 ? errored : { ...errored, check: 'leak', reason: `${errored.reason}\nand ${leakText(leaked)}` },
    };
  }
  const decision = await judge(expected, request, answer, port, oracle);
  return { outcome: { ...subject(row, port.id), ...decision }, answer, request };
}

/** The outcome of a case on a backend that is not available. */
export function unavailable(row: CaseRow, backend: string, why: string, required: boolean): Skipped | Errored {
  const reason = `unavailable: ${plainText(why)}`;
  if (!required) return skipped(row, backend, reason);
  return { ...subject(row, backend), status: 'errored', code: 'backend-unavailable', reason };
}

/** Compares with the golden, then asks the checks in their order: the first that decides wins. */
async function judge(
  golden: Golden,
  request: ExplainRequest,
  answer: Answered,
  port: Port,
  oracle: Oracle,
): Promise<Decision> {
  const compared = compareStages(golden, answer.stages, port.own, port.tier);
  const atSwitchPoint = mayBeAtSwitchPoint(golden, compared, port);
  const comparison =
    atSwitchPoint && port.own ? await arbitrate(golden, compared, answer.stages, port, request, oracle) : compared;
  const evidence = { golden, request, answer, port, oracle, comparison, atSwitchPoint };
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

function subject({ id, method, network }: CaseRow, backend: string) {
  return { kind: 'outcome', case: id, method, network, backend } as const;
}

function skipped(row: CaseRow, backend: string, reason: string): Skipped {
  return { ...subject(row, backend), status: 'skipped', reason };
}

function codeAndReason(error: unknown): { code: string; reason: string } {
  return { code: error instanceof TouchstoneError ? error.code : 'internal', reason: messageOf(error) };
}
