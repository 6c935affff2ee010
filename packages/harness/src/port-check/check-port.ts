/** `port check`: asks a port questions with known answers, before any method is judged on real networks. */
import { nearName, plainText, TouchstoneError, type HostTensor, type Stages } from '@touchstone/contract';
import { methods, nameModules, type Method } from '@touchstone/methods';
import { NetworkScratch, type ExplainAnswer } from '@touchstone/session';
import type { Layout } from '@touchstone/port';
import type { Port } from '../port/port.js';
import { whyUnrepeated } from '../port/repeated.js';
import { mismatchInLayout } from '../port/shape-in-layout.js';
import { faultsOf, openPorts } from '../run/open-ports.js';
import { glueFaultsOf, compare, type JudgedAnswer, type GlueFault } from './glue-fault.js';
import { openKnownAnswers, type Ask } from './known-answers.js';
import { probesFor, type Probe } from './probes.js';

/** `must differ`: the judge is given a wrong answer as the right one, and has to notice. */
export type CheckId = Probe['id'] | 'must differ';
export type CheckStatus = 'agrees' | 'differs' | 'unsupported' | 'errored';

export interface CheckRow {
  readonly method: string;
  readonly check: CheckId;
  readonly status: CheckStatus;
  /** Where and by how much it differs, or why it was not answered; null: it agrees. */
  readonly reason: string | null;
}

export interface PortFault extends GlueFault {
  readonly methods: readonly string[];
}

export interface PortCheck {
  readonly rows: readonly CheckRow[];
  /** What is wrong with the glue; one fault of several methods is named once. */
  readonly faults: readonly PortFault[];
  /** Methods whose wrong answers no fault of the glue explains. */
  readonly unexplained: readonly string[];
  /** Names among the port's methods that are not checked here, and why. */
  readonly unchecked: readonly { readonly method: string; readonly reason: string }[];
}

/** @param declared the ids of the port's methods; undefined: it does not say, so all are tried */
export async function checkPort(port: Port, declared: readonly string[] | undefined): Promise<PortCheck> {
  const ask = await openKnownAnswers();
  const scratch = new NetworkScratch();
  const rows: CheckRow[] = [];
  const glueFaults: { method: string; fault: GlueFault | null }[] = [];
  try {
    for (const method of methods.filter((each) => isChecked(each) && (declared?.includes(each.id) ?? true))) {
      const found = await checkMethod(port, method, ask, scratch);
      rows.push(...found.rows);
      if (found.rows.some(({ status, check }) => status === 'differs' && check !== 'must differ'))
        glueFaults.push(...found.faults.map((fault) => ({ method: method.id, fault })));
    }
  } finally {
    scratch.close();
  }
  const unexplained = glueFaults.filter(({ fault }) => fault === null).map(({ method }) => method);
  return { rows, faults: together(glueFaults), unexplained, unchecked: uncheckedOf(declared ?? []) };
}

/** Methods with one answer for each image: what others answer is for `verify`. */
function isChecked({ declares, iterated = false }: Method): boolean {
  return declares.perImage && !iterated;
}

function uncheckedOf(declared: readonly string[]): PortCheck['unchecked'] {
  return declared
    .filter((id) => !methods.some((method) => method.id === id && isChecked(method)))
    .map((id) => {
      if (methods.some((method) => method.id === id)) return { method: id, reason: '"touchstone verify" judges it' };
      const ids = methods.map((method) => method.id);
      const meant = nearName(id, ids);
      return {
        method: plainText(id, 100),
        reason: `there is no such method${meant === null ? '' : `; did you mean "${meant}"?`}`,
      };
    });
}

function together(glueFaults: readonly { method: string; fault: GlueFault | null }[]): PortFault[] {
  const faults = new Map<string, GlueFault & { methods: string[] }>();
  for (const { method, fault } of glueFaults) {
    if (fault === null) continue;
    const key = `${fault.says}|${fault.certain}`;
    const known = faults.get(key);
    if (known) known.methods.push(method);
    else faults.set(key, { ...fault, methods: [method] });
  }
  return [...faults.values()];
}

async function checkMethod(
  port: Port,
  method: Method,
  ask: Ask,
  scratch: NetworkScratch,
): Promise<{ rows: CheckRow[]; faults: (GlueFault | null)[] }> {
  const rows: CheckRow[] = [];
  const answers: JudgedAnswer[] = [];
  for (const probe of probesFor(method)) {
    const answer = await answerOf(port, method, probe, scratch);
    const right = await ask(method, probe);
    const row = { method: method.id, check: probe.id };
    if (answer.kind === 'answered' && answer.unrepeated === null && answer.stages['attribution'] !== undefined) {
      const answered = judgedAnswer(probe, answer.stages, right);
      answers.push(answered);
      rows.push({ ...row, status: answered.agrees ? 'agrees' : 'differs', reason: reasonOf(answered, port.layout) });
    } else rows.push({ ...row, ...unanswered(answer) });
  }
  rows.push(...mustDiffer(method, answers));
  const faults = await glueFaultsOf(method, answers, ask, port.layout ?? 'NCHW');
  return { rows, faults: faults.length === 0 ? [null] : faults };
}

async function answerOf(port: Port, method: Method, probe: Probe, scratch: NetworkScratch): Promise<ExplainAnswer> {
  const { folder, remove } = scratch.write(probe);
  const { description, x, target, params, fixtures } = probe;
  try {
    return await port.explain({
      case: `${method.id}/port-check/${probe.id}`,
      method: method.id,
      networkFolder: folder,
      x,
      target,
      params: nameModules(method, params, description, x.shape, `the parameters of ${method.id}`),
      fixtures,
      maxValues: 1_000_000,
    });
  } finally {
    remove();
  }
}

/** The first stage that differs, in the order of computation; where all agree, `attribution`. */
function judgedAnswer(probe: Probe, stages: Stages, right: Stages): JudgedAnswer {
  const given = Object.keys(right).filter((stage) => Object.hasOwn(stages, stage));
  const at = (stage: string): JudgedAnswer => {
    const [one, got] = [right[stage]!, stages[stage] as HostTensor];
    return { probe, stage, stages, right: one, got, agrees: compare(got, one).check === null };
  };
  return given.map(at).find(({ agrees }) => !agrees) ?? at('attribution');
}

function reasonOf({ stage, got, right, agrees }: JudgedAnswer, layout: Layout | undefined): string | null {
  return agrees ? null : [`stage "${stage}"`, ...mismatchInLayout(compare(got, right), layout)].join(': ');
}

function unanswered(answer: ExplainAnswer): Pick<CheckRow, 'status' | 'reason'> {
  if (answer.kind === 'skipped') return { status: 'unsupported', reason: plainText(answer.reason) };
  if (answer.kind === 'errored') return { status: 'errored', reason: plainText(answer.reason, 800) };
  return { status: 'differs', reason: whyUnrepeated(answer) ?? 'there is no stage "attribution" in the answer' };
}

/** The answer is judged by the right one with its images exchanged: if that agrees, the judge notices nothing. */
function mustDiffer(method: Method, answers: readonly JudgedAnswer[]): CheckRow[] {
  const answered = answers.find(({ probe }) => probe.id === 'asymmetric');
  if (answered === undefined) return [];
  const { right, got } = answered;
  const size = right.data.length / right.shape[0]!;
  const wrong = { shape: right.shape, data: right.data.map((_, i) => right.data[(i + size) % right.data.length]!) };
  const isNoticed = compare(got, wrong).check !== null;
  const row = { method: method.id, check: 'must differ' as const };
  if (isNoticed) return [{ ...row, status: 'agrees', reason: null }];
  return [{ ...row, status: 'differs', reason: 'an answer for the other image is taken for right' }];
}

export interface PortCheckOptions {
  /** As of --port. */
  readonly port: string;
  /** For one answer. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly onPrinted: (line: string) => void;
}

export interface NamedPortCheck extends PortCheck {
  readonly port: { readonly name: string; readonly version: string };
}

/** Opens the port, checks it and ends it. @throws TouchstoneError `port-error`, `usage` where it cannot be opened */
export async function runPortCheck({ port, ...limits }: PortCheckOptions): Promise<NamedPortCheck> {
  const started: Port[] = [];
  try {
    const { opened } = await openPorts({ port }, [], limits, started);
    const [first] = opened;
    if (first?.state.kind !== 'ready') throw new TouchstoneError('port-error', `--port ${port}: it is not available`);
    const { name, version, methods: declared } = first.state;
    const checked = await checkPort(first.port, declared);
    const [fault] = await faultsOf([first.port]);
    // What it did during a check is in the rows.
    if (fault !== undefined && checked.rows.every(({ status }) => status !== 'errored'))
      throw new TouchstoneError('port-error', fault, 'Compare what it sends with docs/port-protocol.md.');
    return { port: { name, version }, ...checked };
  } finally {
    for (const each of started) each.stop();
  }
}
