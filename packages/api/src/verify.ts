import type { Outcome } from '@touchstone/contract';
import {
  checkChoice,
  namesIn,
  selectCases,
  verify as verifyCases,
  type PortChoice,
  type Verification,
} from '@touchstone/harness';
import { openGoldens, type GoldenOptions } from './goldens.js';

export interface VerifyOptions extends PortChoice, GoldenOptions {
  readonly methods?: readonly string[] | undefined;
  readonly networks?: readonly string[] | undefined;
  /** Ids, with `*` for any characters. */
  readonly cases?: readonly string[] | undefined;
  /** Default `quick`. */
  readonly profile?: 'quick' | 'full' | undefined;
  /** For one run of a case, in seconds; default 120. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onOutcome?:
    ((outcome: Outcome, progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

export interface Verified extends Pick<Verification, 'header' | 'outcomes' | 'footer' | 'exitStatus'> {
  /** Whether everything that was judged passed, and something was: the exit status 0 of the command. */
  readonly ok: boolean;
}

/**
 * Compares explanations with the goldens, as `touchstone verify` does; writes no file.
 *
 * @throws TouchstoneError for what was given, and `missing-package`, `golden-damaged`
 */
export async function verify(options: VerifyOptions = {}): Promise<Verified> {
  const { methods, networks, cases: ids, profile = 'quick', deadline = 120, signal, onOutcome, ...rest } = options;
  const { golden: _, ...choice } = rest;
  checkChoice(choice);
  const golden = openGoldens(options);
  const cases = selectCases(golden.cases, { methods, networks, cases: ids, profile });
  const { header, outcomes, footer, exitStatus } = await verifyCases({
    ...choice,
    golden,
    cases,
    named: namesIn(methods),
    deadlineMs: 1000 * deadline,
    signal,
    onProgress: onOutcome,
  });
  return { header, outcomes, footer, exitStatus, ok: exitStatus === 0 };
}
