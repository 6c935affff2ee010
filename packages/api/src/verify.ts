import { unknownName, type Outcome } from '@touchstone/contract';
import {
  checkChoice,
  namesIn,
  selectCases,
  verify as verifyCases,
  type PortChoice,
  type Verification,
} from '@touchstone/harness';
import { deadlineOf } from './ask.js';
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
  const { methods, networks, cases: ids, profile = 'quick', deadline: _, signal, onOutcome, ...rest } = options;
  const { golden: __, ...choice } = rest;
  const deadlineMs = deadlineOf(options);
  if (!profiles.includes(profile)) throw unknownName('profile', profile, profiles);
  refuseUnknown(choice);
  checkChoice(choice);
  const golden = openGoldens(options);
  const cases = selectCases(golden.cases, { methods, networks, cases: ids, profile });
  const { header, outcomes, footer, exitStatus } = await verifyCases({
    ...choice,
    golden,
    cases,
    named: namesIn(methods),
    deadlineMs,
    signal,
    onProgress: onOutcome,
  });
  return { header, outcomes, footer, exitStatus, ok: exitStatus === 0 };
}

const profiles: readonly string[] = ['quick', 'full'];
const choices: readonly string[] = ['backends', 'require', 'port', 'outputs', 'partial', 'expectations'];

/** A misspelt option would have everything judged in place of what was meant. */
function refuseUnknown(choice: PortChoice): void {
  const unknown = Object.keys(choice).find((name) => !choices.includes(name));
  const known = choices.concat('methods', 'networks', 'cases', 'profile', 'deadline', 'signal', 'golden', 'onOutcome');
  if (unknown !== undefined) throw unknownName('option', unknown, known);
}
