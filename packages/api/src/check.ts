import { parse, TouchstoneError, type Stages } from '@touchstone/contract';
import { checkResult, refuseIterated, type CheckResult } from '@touchstone/cli';
import { checkAnswer } from '@touchstone/harness';
import { findMethod } from '@touchstone/methods';
import { ask, type AskOptions } from './ask.js';
import { fittedStages } from './fitted-stages.js';
import { readAnswer, readValues, type Answer, type Values } from './values.js';

export interface CheckOptions extends AskOptions {
  /** The map that is judged, or stages by their names. */
  readonly answer: Answer;
  /** Of the method, as `--set` gives them. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** What was drawn at random for the answer, such as `noise`, in NCHW. */
  readonly fixtures?: Readonly<Record<string, Values>> | undefined;
}

/**
 * Judges one map on a network of your own, as `touchstone check` does.
 *
 * @throws TouchstoneError for what was given, and `unsupported` where nothing can be judged
 */
export async function check(methodId: string, options: CheckOptions): Promise<CheckResult> {
  const method = findMethod(methodId);
  refuseIterated(method);
  const { layout = 'NCHW', signal } = options;
  const params = parse(method.params, options.params ?? {}, `the parameters of ${method.id}`, 'bad-params');
  const { folder, description, target, input, deadlineMs } = await ask(method, options);
  const fixtures: Stages = {};
  for (const name of method.fixtures) {
    const values = options.fixtures?.[name];
    if (values === undefined)
      throw new TouchstoneError(
        'usage',
        `${method.id} needs the "${name}" with which your answer was computed`,
        `Give it as fixtures: { ${name}: … }.`,
      );
    const { shape, data } = await readValues(values, name);
    fixtures[name] = { shape: shape ?? [data.length], data };
  }
  const given = await readAnswer(options.answer);
  const checked = await checkAnswer({
    request: {
      method: method.id,
      networkFolder: folder,
      x: input.x,
      fixtures,
      target,
      params: params as Record<string, unknown>,
      maxValues: Infinity,
    },
    description,
    answerFor: (golden) => fittedStages(given, golden, layout),
    deadlineMs,
    signal,
  });
  return checkResult(method, description, checked);
}
