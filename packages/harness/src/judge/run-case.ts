import {
  TouchstoneError,
  type CaseRow,
  type Errored,
  type Outcome,
  type Skipped,
  messageOf,
  plainText,
} from '@touchstone/contract';
import { noMethod } from '@touchstone/port';
import type { Answered, ExplainRequest } from '@touchstone/session';
import type { CaseSource } from '../golden/case-source.js';
import type { Golden } from '../golden/golden-file.js';
import type { Port } from '../port/port.js';
import { requestFor } from '../port/request-for.js';
import { judge, leakText } from './judge.js';
import type { Oracle } from './oracle.js';

/** The proposed deadline is this many times the estimate. */
const room = 3;

/** An outcome; if the port answered, also the request, the answer, and what it was compared with. */
export type CaseResult =
  | { readonly outcome: Skipped | Errored; readonly answer?: never; readonly request?: never; readonly golden?: never }
  | { readonly outcome: Outcome; readonly answer: Answered; readonly request: ExplainRequest; readonly golden: Golden };

/** Runs one case on the port and judges the answer. */
export async function runCase(
  golden: Pick<CaseSource, 'readCase'>,
  row: CaseRow,
  port: Port,
  oracle: Oracle,
): Promise<CaseResult> {
  let request: ExplainRequest;
  let expected: Golden;
  try {
    const stored = await golden.readCase(row);
    expected = stored.golden;
    request = requestFor(row, stored);
  } catch (error) {
    // float32 itself has no answer that could be judged.
    if (error instanceof TouchstoneError && error.code === 'unsupported')
      return { outcome: skipped(row, port.id, plainText(error.message)) };
    return { outcome: { ...subject(row, port.id), status: 'errored', ...codeAndReason(error) } };
  }
  const tooSlow = whyTooSlow(port, expected.meta.multiplyAdds);
  if (tooSlow !== null) return { outcome: skipped(row, port.id, tooSlow) };
  const answer = await port.explain(request);
  if (answer.kind === 'skipped')
    return { outcome: { ...skipped(row, port.id, plainText(answer.reason)), unanswered: true } };
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
  const decision = await judge(expected, row.about, request, answer, port, oracle);
  return { outcome: { ...subject(row, port.id), ...decision }, answer, request, golden: expected };
}

/** The outcome of a case on a backend that is not available. */
export function unavailable(row: CaseRow, backend: string, why: string, required: boolean): Skipped | Errored {
  const reason = `unavailable: ${plainText(why)}`;
  if (!required) return skipped(row, backend, reason);
  return { ...subject(row, backend), status: 'errored', code: 'backend-unavailable', reason };
}

/** The outcome of a case whose method the port does not have. */
export function notAnswered(row: Subject, port: string, methods: readonly string[]): Skipped {
  return { ...skipped(row, port, noMethod(row.method, methods)), unanswered: true };
}

type Subject = Pick<CaseRow, 'id' | 'method' | 'network'>;

function subject({ id, method, network }: Subject, backend: string) {
  return { kind: 'outcome', case: id, method, network, backend } as const;
}

export function skipped(row: Subject, backend: string, reason: string): Skipped {
  return { ...subject(row, backend), status: 'skipped', reason };
}

function codeAndReason(error: unknown): { code: string; reason: string } {
  return { code: error instanceof TouchstoneError ? error.code : 'internal', reason: messageOf(error) };
}

/**
 * The reason to skip a case that would take longer than the deadline, if the port has a time estimate; null: it runs.
 */
export function whyTooSlow(
  { id, timeEstimate }: Pick<Port, 'id' | 'timeEstimate'>,
  multiplyAdds: number,
): string | null {
  if (timeEstimate === null) return null;
  const seconds = multiplyAdds / timeEstimate.multiplyAddsPerSecond;
  const deadline = timeEstimate.deadlineMs / 1000;
  if (seconds <= deadline) return null;
  const [about, enough] = [rounded(seconds), rounded(room * seconds)];
  return `about ${about} s on ${id}, more than the deadline of ${deadline} s; --deadline ${enough} runs it`;
}

/** Two digits. */
function rounded(seconds: number): number {
  return Number(seconds.toPrecision(2));
}
