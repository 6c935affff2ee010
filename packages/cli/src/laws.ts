import { randomInt } from 'node:crypto';
import { backends, findBackend } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import { openPortSession } from '@touchstone/harness';
import {
  findLaw,
  holdExamples,
  laws,
  openLawSession,
  openPortLawSession,
  type Law,
  type LawSession,
} from '@touchstone/laws';
import { progressOn } from '@touchstone/report';
import { checkWritable, writeWhole } from '@touchstone/system';
import { untilInterrupted } from './interrupt.js';
import { jsonOf, printLaws, type LawRun } from './laws-report.js';
import { checkPath, maxSeed, refuseZero } from './options.js';
import { note } from './output.js';
import { shellWord } from './shell-word.js';

export interface LawsOptions {
  readonly backend?: readonly string[];
  readonly port?: string;
  readonly law?: readonly string[];
  readonly runs: number;
  readonly seed?: number;
  readonly path?: string;
  readonly json?: string;
}

/** Examples at a time: progress is shown after each part, and Ctrl-C ends within one. */
const part = 10;

/** Of what a port printed while a law was broken. */
const shownLines = 20;

/** Exit status 0 all laws hold · 1 a law is broken · 4 nothing was judged, or incomplete · 130 interrupted. */
export async function runLaws(options: LawsOptions): Promise<void> {
  const chosen = options.law?.map(lawNamed) ?? laws;
  checkCombination(options);
  const ids = options.backend?.map((id) => findBackend(id).id);
  if (options.json !== undefined && options.json !== '-') checkWritable(options.json);
  const run: LawRun = {
    seed: options.seed ?? randomInt(maxSeed),
    runs: options.runs,
    subjects: [],
    rows: [],
    faults: [],
  };
  await untilInterrupted(async (signal) => {
    for (const open of openersOf(options, ids, signal)) await holdAll(open, chosen, options, run, signal);
  });
  const json = `${JSON.stringify(jsonOf(run), null, 2)}\n`;
  if (options.json === '-') process.stdout.write(json);
  else {
    if (options.json !== undefined) writeWhole(options.json, json);
    printLaws(run, chosen);
  }
  if (run.rows.some(({ result }) => result.status === 'broken')) process.exitCode = 1;
  else if (!run.rows.some(({ result }) => result.status === 'held')) throw nothingJudged(run);
  else if (run.faults.length > 0) process.exitCode = 4;
}

function lawNamed(id: string): Law {
  if (id === 'L41')
    throw new TouchstoneError(
      'usage',
      'L41 compares hook programs with a live PyTorch',
      'Run "touchstone fuzz hooks".',
    );
  return findLaw(id);
}

function checkCombination({ runs, path, law, seed }: LawsOptions): void {
  refuseZero('--runs', runs, 60);
  if (path === undefined) return;
  if (seed === undefined || law?.length !== 1)
    throw new TouchstoneError('usage', '--path needs --seed and one --law', 'Give all three as the report says.');
  checkPath(path);
}

interface Opener {
  readonly name: string;
  readonly options: string;
  /** Left out where it would run on a software renderer. */
  readonly onlyOnDevice: boolean;
  /** What a port has printed during a law: shown where the law is broken, because some requests must fail. */
  readonly printed: string[];
  open(): Promise<LawSession>;
}

function openersOf({ port }: LawsOptions, ids: readonly string[] | undefined, signal: AbortSignal): Opener[] {
  const chosen = ids ?? (port === undefined ? backends.map(({ id }) => id) : []);
  const ours = chosen.map((id): Opener => ({
    name: id,
    options: `--backend ${id}`,
    onlyOnDevice: ids === undefined,
    printed: [],
    open: () => openLawSession(id, signal),
  }));
  if (port === undefined) return ours;
  const printed: string[] = [];
  const onPrinted = (text: string): void => void printed.push(text);
  const open = async () => openPortLawSession(await openPortSession(port, { signal, onPrinted }), signal);
  return [...ours, { name: port, options: `--port ${shellWord(port)}`, onlyOnDevice: false, printed, open }];
}

/** The laws on one subject, if it can be opened. */
async function holdAll(
  opener: Opener,
  chosen: readonly Law[],
  { path }: LawsOptions,
  run: LawRun,
  signal: AbortSignal,
): Promise<void> {
  const session = await opened(opener, run);
  signal.throwIfAborted();
  if (session === null) return;
  const { seed, runs } = run;
  const subject = { name: session.name, options: opener.options, device: session.device, unavailable: null };
  run.subjects.push(subject);
  const progress = progressOn(process.stderr);
  const start = performance.now();
  const total = chosen.length * runs;
  try {
    for (const [i, law] of chosen.entries()) {
      const began = performance.now();
      opener.printed.length = 0;
      const show = (judged: number): void => {
        const done = i * runs + judged;
        const secondsLeft = ((performance.now() - start) / 1000 / Math.max(done, 1)) * (total - done);
        progress.update(done, total, `${law.id} on ${session.name}`, secondsLeft);
      };
      show(0);
      const isEnough = (judged: number): boolean => (show(judged), signal.aborted);
      const result = await holdExamples(session, law, { seed, runs, path, part, isEnough });
      signal.throwIfAborted();
      if (result.status === 'broken') for (const text of opener.printed.slice(-shownLines)) note(`port: ${text}`);
      run.rows.push({ law, subject, result, milliseconds: performance.now() - began });
    }
  } finally {
    progress.end();
    await end(session, run);
  }
}

/** What a port did against the rules of ports is told with the laws. */
async function end(session: LawSession, { faults }: LawRun): Promise<void> {
  try {
    await session.close();
  } catch (error) {
    if (!(error instanceof TouchstoneError && error.code === 'port-error')) throw error;
    faults.push(error.message);
  }
}

/** null: it is not available, or only through a software renderer that is not wanted; the run says why. */
async function opened({ name, options, onlyOnDevice, open }: Opener, run: LawRun): Promise<LawSession | null> {
  try {
    const session = await open();
    if (!onlyOnDevice || !session.softwareRenderer) return session;
    await session.close();
    const unavailable = `a software renderer only; ${options} tests it`;
    run.subjects.push({ name, options, device: session.device, unavailable });
  } catch (error) {
    if (!(error instanceof TouchstoneError && error.code === 'backend-unavailable')) throw error;
    run.subjects.push({ name, options, device: null, unavailable: error.message });
  }
  return null;
}

function nothingJudged({ subjects, rows }: LawRun): TouchstoneError {
  const reasons = rows.flatMap(({ result }) => (result.status === 'skipped' ? [result.reason] : []));
  const unavailable = subjects.flatMap(({ name, unavailable }) => (unavailable ? [`${name}: ${unavailable}`] : []));
  const [why = 'no law was tested'] = [...reasons, ...unavailable];
  return new TouchstoneError(
    'backend-unavailable',
    `no law was judged: ${why}`,
    'Choose another backend or law, or give more --runs.',
  );
}
