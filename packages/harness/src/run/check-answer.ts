/** Judges one answer on any network, with a golden that is made for it. */
import { oracleBackend, singleBackend } from '@touchstone/backends';
import { counted, type NetworkDescription, type Stages, type Target } from '@touchstone/contract';
import { mutants } from '@touchstone/methods';
import { openChildSession, type ExplainRequest } from '@touchstone/session';
import type { Golden } from '../golden/golden-file.js';
import type { Decision } from '../judge/decision.js';
import { judge } from '../judge/judge.js';
import { makeGolden } from '../judge/made-golden.js';
import { Oracle } from '../judge/oracle.js';
import { answeredElsewhere, elsewhere } from '../port/files-port.js';

export interface CheckOptions {
  readonly request: ExplainRequest;
  readonly description: NetworkDescription;
  /** The answer, once it is known which shapes its stages must have. */
  readonly answerFor: (golden: Stages) => Stages;
  /** Limit for one run in float64. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: string) => void) | undefined;
}

export interface CheckedAnswer {
  readonly decision: Decision;
  readonly target: Target;
  readonly golden: Golden;
  readonly stages: Stages;
}

/** @throws TouchstoneError as `makeGolden`, and what `answerFor` throws */
export async function checkAnswer(options: CheckOptions): Promise<CheckedAnswer> {
  const { description, deadlineMs, signal, onStep } = options;
  const oracle = new Oracle({ deadlineMs, signal }, 'one');
  const single = await openChildSession({ backend: singleBackend.id }, { signal });
  try {
    onStep?.('computing the right answer in float64');
    const { golden, request } = await makeGolden('check', options.request, description, { oracle, single });
    const stages = options.answerFor(golden.stages);
    onStep?.(`comparing, and looking for a cause${longest(request)}`);
    const decision = await judge(golden, [], request, answeredElsewhere(stages), elsewhere, oracle);
    return { decision, target: request.target, golden, stages };
  } finally {
    oracle.stop();
    await single.close();
  }
}

/** How long the search of a cause may take, where that is long: one run in float64 for each known fault. */
function longest({ method, multiplyAdds = 0 }: ExplainRequest): string {
  const faults = mutants.filter(({ of }) => of.includes(method)).length;
  const minutes = Math.round((faults * multiplyAdds) / oracleBackend.multiplyAddsPerSecond / 60);
  return minutes < 1 ? '' : ` (for about ${counted(minutes, 'minute')})`;
}
