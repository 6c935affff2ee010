import { parse, plainText, TouchstoneError, type NetworkDescription, type Target } from '@touchstone/contract';
import { checkAnswer, type CheckedAnswer } from '@touchstone/harness';
import { findMethod, type Method } from '@touchstone/methods';
import { coloursFor, figure } from '@touchstone/report';
import type { ExplainRequest } from '@touchstone/session';
import { fitted, readAnswerFile, type Layout } from './answer-file.js';
import { readAsked, type AskedOptions } from './asked.js';
import { untilInterrupted } from './interrupt.js';
import { printAs, type JsonOutput } from './json-outputs.js';
import { openNetwork } from './open-network.js';
import { print } from './output.js';
import { parseSettings } from './settings.js';
import { showSteps } from './steps.js';
import { targetText } from './target-text.js';

export interface CheckCommandOptions extends AskedOptions {
  readonly answer: string;
  readonly layout: Layout;
  readonly set?: string[];
  /** In seconds. */
  readonly deadline: number;
  readonly json?: boolean;
}

/** Exit status 0 right · 1 not · 4 not to be decided. */
export async function runCheck(methodId: string, options: CheckCommandOptions): Promise<void> {
  const method = findMethod(methodId);
  refuseIterated(method);
  const stages = readAnswerFile(options.answer, method);
  const params = parse(
    method.params,
    parseSettings(options.set ?? [], method.params),
    `the parameters (--set) of ${method.id}`,
    'bad-params',
  ) as Record<string, unknown>;
  const { folder, description } = openNetwork(options.network, options.golden);
  const { target, input } = await readAsked(method, description, options);
  refuseWithoutFixtures(method, input.fixtures);
  const request: ExplainRequest = {
    method: method.id,
    networkFolder: folder,
    ...input,
    target,
    params,
    maxValues: Infinity,
  };
  const steps = showSteps();
  const checked = await untilInterrupted((signal) =>
    checkAnswer({
      request,
      description,
      answerFor: (golden) => fitted(stages, golden, options.layout),
      deadlineMs: 1000 * options.deadline,
      signal,
      onStep: (step) => steps.begin(step),
    }),
  ).finally(() => steps.end());
  process.exitCode = { passed: 0, failed: 1, skipped: 4, errored: 4 }[checked.decision.status];
  if (options.json) printAs('check', checkResult(method, description, checked));
  else print(...render(method, description, checked));
}

/** @throws TouchstoneError `usage` */
export function refuseIterated(method: Method): void {
  if (!method.iterated) return;
  throw new TouchstoneError(
    'usage',
    `${method.id} is iterated: after some dozens of steps two right programs have different answers`,
    'Judge a port of it with "touchstone verify", step by step.',
  );
}

/** What was drawn cannot be guessed. @throws TouchstoneError `usage` */
function refuseWithoutFixtures({ id, fixtures }: Method, given: Readonly<Record<string, unknown>>): void {
  const missing = fixtures.find((name) => !Object.hasOwn(given, name));
  if (missing === undefined) return;
  throw new TouchstoneError(
    'usage',
    `${id} needs the "${missing}" with which your answer was computed`,
    `Store it as "${missing}" next to "x" in the file of --input.`,
  );
}

function inWordsWithNames(target: Target, { classes, heads }: NetworkDescription): string {
  if (!('class' in target)) return targetText(target, '');
  if (Array.isArray(target.class)) return targetText(target, `classes ${target.class.join(', ')}`);
  const name = heads ? undefined : classes?.[target.class];
  return targetText(target, `class ${target.class}${name === undefined ? '' : ` (${plainText(name)})`}`);
}

function render(
  method: Method,
  description: NetworkDescription,
  { decision, target, golden }: CheckedAnswer,
): string[] {
  const colours = coloursFor(process.stdout);
  const ofTarget = method.without?.includes('target') ? '' : ` of ${inWordsWithNames(target, description)}`;
  const what = `${method.id}${ofTarget} with ${plainText(description.name)}`;
  const lines = inWords(decision.reason ?? '')
    .split('\n')
    .filter((line) => line !== '');
  if (decision.status === 'passed') {
    const isZero = golden.stages['attribution']!.data.every((value) => value === 0);
    if (isZero)
      lines.push('every value of the right map is 0, which shows little: check another class, layer or image');
    const { e2, allowed } = decision;
    const distance = e2 === undefined ? '' : `: e2 is ${figure(e2)}, allowed ${figure(allowed)}`;
    return [`${colours.green('✓')} right: ${what}${distance}`, ...lines.map((line) => `    ${line}`)];
  }
  const [first = '', ...rest] = lines;
  const mark = decision.status === 'failed' ? `${colours.red('✗')} not` : '? not decided: ';
  return [`${mark} ${what}: ${first}`, ...rest.map((line) => `    ${line}`)];
}

/** What `--json` prints. */
export type CheckResult = JsonOutput<'check'>;

export function checkResult(
  method: Method,
  { name }: NetworkDescription,
  { decision, target }: CheckedAnswer,
): CheckResult {
  const { status, reason } = decision;
  const measured = status === 'passed' || status === 'failed' ? decision : undefined;
  return {
    method: method.id,
    network: name,
    target: method.without?.includes('target') ? null : target,
    verdict: ({ passed: 'right', failed: 'wrong', skipped: 'undecided', errored: 'undecided' } as const)[status],
    stage: measured?.stage ?? null,
    e2: measured?.e2 ?? null,
    allowed: measured?.allowed ?? null,
    cause: (decision.status === 'failed' ? decision.cause : undefined) ?? null,
    reason,
  };
}

/** No stored golden is judged against here. */
function inWords(reason: string): string {
  return reason.replace(/^differs from the golden at/, "differs from PyTorch's rule in float64 at");
}
