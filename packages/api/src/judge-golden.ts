import { TouchstoneError, type Outcome, type Stages } from '@touchstone/contract';
import { judgeAnswer } from '@touchstone/harness';
import { findMethod } from '@touchstone/methods';
import { coloursFor, describeOutcome } from '@touchstone/report';
import { fittedStages } from './fitted-stages.js';
import { findCase, openGoldens, type GoldenOptions } from './goldens.js';
import { readAnswer, type Answer, type Layout } from './values.js';

export interface JudgeOptions extends GoldenOptions {
  /** Of the answer; default NCHW. */
  readonly layout?: Layout | undefined;
  /** The stage that the values are, in place of the map. */
  readonly stage?: string | undefined;
  /** How long the cause of a failure is looked for, at most; default 30, of the matchers 4; 0: not at all. */
  readonly causeSeconds?: number | undefined;
}

export interface JudgedGolden {
  readonly pass: boolean;
  /** What Touchstone says of it, without colours. */
  readonly message: string;
  readonly outcome: Outcome;
}

const plain = coloursFor({}, { NO_COLOR: '1' });

/**
 * Compares a map, or stages by name, with the golden of a case. What cannot be judged, as at a switch point, does not
 * pass.
 *
 * @throws TouchstoneError `unknown-name`, `missing-package`, `golden-damaged`, `bad-tensors`, `usage`
 */
export async function judgeGolden(answer: Answer, id: string, options: JudgeOptions = {}): Promise<JudgedGolden> {
  const { layout = 'NCHW', stage, causeSeconds = 30 } = options;
  const store = openGoldens(options);
  const row = findCase(store, id);
  refuseIterated(row.method);
  const read = await readAnswer(answer, stage);
  const outcome = await judgeAnswer(row, (shapes) => fittedStages(read, inShapes(shapes), layout), {
    golden: store,
    stage,
    layout,
    name: 'your map',
    causeMs: Math.round(1000 * causeSeconds),
  });
  const lines = describeOutcome(outcome, row.why, `npx touchstone list --cases ${id}`, plain);
  return { pass: outcome.status === 'passed', message: lines.slice(0, -1).join('\n'), outcome };
}

/** @throws TouchstoneError `usage` */
function refuseIterated(method: string): void {
  if (!findMethod(method).iterated) return;
  throw new TouchstoneError(
    'usage',
    `${method} is iterated: after some dozens of steps two right programs have different answers`,
    'Judge a port of it with "touchstone verify", step by step.',
  );
}

function inShapes(shapes: Readonly<Record<string, readonly number[]>>): Stages {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, data: new Float32Array() }]));
}
