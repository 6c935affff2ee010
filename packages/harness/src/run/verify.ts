import { availableParallelism } from 'node:os';
import { backends } from '@touchstone/backends';
import {
  exitStatusOf,
  nearName,
  plainText,
  skipFindings,
  type CaseRow,
  type Footer,
  type Header,
  type Outcome,
  type Part,
  type Results,
  type RunStatus,
  type SkipLimit,
  type Stages,
} from '@touchstone/contract';
import { methods } from '@touchstone/methods';
import type { ExplainRequest } from '@touchstone/session';
import { Expectations } from '../golden/expectations.js';
import type { CaseSource } from '../golden/case-source.js';
import { wholeStages } from '../golden/golden-file.js';
import type { NotMade, OwnCase } from '../golden/own-cases.js';
import { Oracle } from '../judge/oracle.js';
import { notAnswered, runCase, skipped, unavailable, whyTooSlow, type CaseResult } from '../judge/run-case.js';
import type { Port } from '../port/port.js';
import { expectedSeconds, type Expected } from './case-seconds.js';
import { controlsHold, judgeControls } from './controls.js';
import {
  expectationFiles,
  faultsOf,
  headerOf,
  isRequired,
  openPorts,
  type OpenedPort,
  type PortChoice,
} from './open-ports.js';
import { continued, readEarlier, ResultsFile } from './results-file.js';
import { scheduleCases } from './schedule-cases.js';
import { Semaphore } from './semaphore.js';
import { footerOf, summarise, type Summary } from './summary.js';
import { TimeLeft } from './time-left.js';

/** The largest share of the cases whose time is not known under which the whole time is said. */
const maxUnknown = 0.1;

/** What is about to run. */
export interface Plan {
  readonly backends: readonly string[];
  /** Backends that are available through a software renderer only: they run when they are named. */
  readonly leftOut: readonly string[];
  /** Names of a port's methods that Touchstone does not know, and the ones that were probably meant. */
  readonly misspelt: readonly { readonly name: string; readonly meant: string }[];
  /** Outcomes of an earlier run that this one continues. */
  readonly kept: number;
  /** Estimated duration; null: too much of it was never measured. */
  readonly seconds: number | null;
}

export interface Progress {
  readonly done: number;
  /** Cases that run, without those of unavailable backends. */
  readonly total: number;
  readonly secondsLeft: number;
}

export interface VerifyOptions extends PortChoice {
  readonly golden: CaseSource;
  readonly cases: readonly CaseRow[];
  /** The goldens are made for this run, so known failures may be of cases that it does not have. */
  readonly isMade?: boolean | undefined;
  /**
   * Further cases, without goldens, which are skipped: of methods that have no answer there, with the reason, and of
   * those that the port said it does not have.
   */
  readonly lacking?: readonly (OwnCase | NotMade)[] | undefined;
  /** Methods that were asked for by name: where nothing of one is judged, the run does not count as passed. */
  readonly named?: readonly string[] | undefined;
  /** The most cases that may be skipped or not answered; more are a finding. */
  readonly maxSkipped?: SkipLimit | undefined;
  /** The options of the command, for the header. */
  readonly given?: Header['given'];
  /** The folder for results.ndjson. */
  readonly resultsDir?: string | undefined;
  /** Which part of which plan the cases are. */
  readonly part?: Part | undefined;
  /** With `resultsDir` and `part`: keeps the outcomes that an earlier run of the part left there. */
  readonly resume?: boolean | undefined;
  /** Limit for one run of a case; default 120,000. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives what a port that is not ours prints. */
  readonly onPrinted?: ((line: string) => void) | undefined;
  readonly onStart?: ((plan: Plan) => void) | undefined;
  readonly onProgress?: ((outcome: Outcome, progress: Progress) => void) | undefined;
  /** Called with each answer, before the backend starts its next case. */
  readonly onResult?: ((row: CaseRow, judged: JudgedAnswer) => Promise<void> | void) | undefined;
}

export interface JudgedAnswer {
  readonly outcome: Outcome;
  readonly stages: Stages;
  /** The compared stages that the golden stores whole. */
  readonly expected: Stages;
  readonly request: Pick<ExplainRequest, 'x' | 'fixtures'>;
  /** Whether our own port gave it; another's may be anything. */
  readonly own: boolean;
}

export interface Verification {
  readonly header: Header;
  /** By the order of the cases, then of the backends, whatever the order in which they ran. */
  readonly outcomes: readonly Outcome[];
  readonly summary: Summary;
  /** 0 fine · 1 not conformant · 4 something broke · 5 a golden is damaged. */
  readonly exitStatus: RunStatus;
  /** null: interrupted, or a port broke the rules. */
  readonly footer: Footer | null;
  /** results.ndjson, if the run is complete and `folder` was given. */
  readonly file: string | null;
}

/**
 * Judges every case on every backend, or on a port. Each runs in a child process, or in two if a core is free; at most
 * one case per core runs at the same time.
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { golden, cases, signal } = options;
  golden.checkCases(cases);
  const known = expectationFiles(golden.root, options);
  const earlier = earlierOf(options);
  const start = performance.now();
  const limits = { deadlineMs: options.deadlineMs ?? 120_000, signal, onPrinted: options.onPrinted };
  const oracle = new Oracle(limits);
  const started: Port[] = [];
  try {
    const { opened, leftOut } = await openPorts(
      options,
      cases.map(({ id }) => id),
      limits,
      started,
    );
    const now = headerOf(golden.manifestHash, opened, options);
    const header = earlier === null ? now : continued(earlier.header, now);
    const kept = keptOf(earlier, options.cases, header);
    const file =
      options.resultsDir === undefined ? null : new ResultsFile(options.resultsDir, header, [...kept.values()]);
    const isShard = (options.part?.shards ?? 1) > 1;
    const controls = isShard ? await judgeControls() : [];
    const names = [...new Set([...opened.map(({ port }) => port.id), ...backends.map((backend) => backend.id)])];
    const foreign = opened.filter(({ port }) => !port.own).map(({ port }) => port.id);
    const possible = options.isMade ? null : golden.cases;
    const today = header.started.slice(0, 10);
    const expectations = known.map((file) => new Expectations(file, possible, file.isOfPort ? foreign : names, today));
    const found = await judgeAll(options, opened, leftOut, { oracle, expectations, file, kept });
    const judged = cases.flatMap((_, index) => found.flatMap((mine) => mine[index] ?? []));
    const complete = judged.length === cases.length * opened.length;
    const outcomes = [...judged, ...lackingOf(options, opened)];
    const faults = complete ? await faultsOf(opened.map(({ port }) => port)) : [];
    if (isShard && !controlsHold(controls)) faults.push(`the judge is broken here: ${JSON.stringify(controls)}`);
    const summary = summarise(
      outcomes,
      [
        ...expectations.flatMap(({ findings }) => findings),
        ...(complete ? skipFindings(outcomes, header.unavailable, options.maxSkipped) : []),
      ],
      faults,
      complete,
      isShard ? 'shard' : options.named,
    );
    const footer = summary.complete ? footerOf(summary, controls, performance.now() - start) : null;
    if (footer !== null) file?.finish(outcomes, footer);
    return {
      header,
      outcomes,
      summary,
      exitStatus: exitStatusOf(summary),
      footer,
      file: footer === null ? null : (file?.path ?? null),
    };
  } finally {
    for (const port of [...started, oracle]) port.stop();
  }
}

function earlierOf({ resume = false, resultsDir, part }: VerifyOptions): Results | null {
  return resume && resultsDir !== undefined && part !== undefined ? readEarlier(resultsDir, part) : null;
}

const keyOf = (id: string, backend: string): string => JSON.stringify([id, backend]);

/** Outcomes of cases and backends that run now, by `keyOf`. */
function keptOf(earlier: Results | null, cases: readonly CaseRow[], { backends: ids }: Header): Map<string, Outcome> {
  const asked = new Set(cases.flatMap(({ id }) => ids.map((backend) => keyOf(id, backend.id))));
  return new Map(
    (earlier?.outcomes ?? [])
      .map((outcome) => [keyOf(outcome.case, outcome.backend), outcome] as const)
      .filter(([key]) => asked.has(key)),
  );
}

/** Of the first shard, so that they are said once. */
function lackingOf({ lacking = [], part }: VerifyOptions, opened: readonly OpenedPort[]): Outcome[] {
  if ((part?.shard ?? 1) > 1) return [];
  return opened.flatMap(({ port, state }) =>
    state.kind === 'ready'
      ? lacking.map((own) =>
          'reason' in own
            ? skipped(own, port.id, plainText(own.reason))
            : notAnswered(own, port.id, state.methods ?? []),
        )
      : [],
  );
}

interface Room {
  readonly oracle: Oracle;
  readonly expectations: readonly Expectations[];
  readonly file: ResultsFile | null;
  /** Of an earlier run, by `keyOf`. */
  readonly kept: ReadonlyMap<string, Outcome>;
}

/** Port by port, the outcome of each case; gaps where the run was interrupted. */
async function judgeAll(
  options: VerifyOptions,
  opened: readonly OpenedPort[],
  leftOut: readonly string[],
  { oracle, expectations, file, kept }: Room,
): Promise<Outcome[][]> {
  const { golden, cases, signal } = options;
  const ready = opened.filter(({ state }) => state.kind === 'ready');
  const slots = new Semaphore(availableParallelism());
  const ports = ready.map(({ port }) => port);
  const progress = progressOf(options, ports, kept);
  options.onStart?.({
    backends: ports.map(({ id }) => id),
    leftOut,
    misspelt: ready.flatMap(({ state }) => (state.kind === 'ready' ? misspelt(state.methods ?? []) : [])),
    kept: kept.size,
    seconds: progress.seconds,
  });

  return Promise.all(
    opened.map(async ({ port, state }) => {
      const mine: Outcome[] = [];
      const device = state.kind === 'ready' ? state.device : '';
      const place = { device, platform: process.platform, isForeign: !port.own };
      const decide = (plain: Outcome, index: number): Outcome =>
        (mine[index] = expectations.reduce((found, one) => one.apply(found, place), plain));
      if (state.kind === 'unavailable') {
        const required = isRequired(options, port.id);
        for (const [index, row] of cases.entries()) {
          if (signal?.aborted) break;
          const outcome = decide(unavailable(row, port.id, state.reason, required), index);
          file?.append(outcome);
        }
        return mine;
      }
      const earlier = (index: number): Outcome | undefined => kept.get(keyOf(cases[index]!.id, port.id));
      const missing = [...cases.keys()].filter((index) => earlier(index) === undefined);
      for (const index of cases.keys()) if (earlier(index) !== undefined) decide(earlier(index)!, index);
      // float64 runs in the slot of the case that uses it.
      await scheduleCases(port, slots, {
        count: missing.length,
        judge: (running, at) => runCase(golden, cases[missing[at]!]!, running, oracle),
        tell: async ({ outcome: found, answer, request, golden: compared }: CaseResult, at) => {
          const index = missing[at]!;
          const outcome = decide(found, index);
          if (answer !== undefined) {
            const [{ stages }, expected] = [answer, wholeStages(compared)];
            await options.onResult?.(cases[index]!, { outcome, stages, expected, request, own: port.own });
          }
          // After its images: what has a line is complete.
          file?.append(outcome);
          progress.add(port, index, outcome);
        },
        signal,
      });
      return mine;
    }),
  );
}

function misspelt(names: readonly string[]): Plan['misspelt'] {
  const known = methods.map(({ id }) => id);
  return names.flatMap((name) => {
    const meant = known.includes(name) ? null : nearName(name, known);
    return meant === null || names.includes(meant) ? [] : [{ name, meant }];
  });
}

/** The progress of the run, in cases and in time. */
function progressOf(
  { golden, cases, onProgress }: VerifyOptions,
  ports: readonly Port[],
  kept: ReadonlyMap<string, Outcome>,
) {
  const work = cases.map(({ id }) => golden.multiplyAddsOf(id));
  const expected = (port: Port, index: number): Expected =>
    whyTooSlow(port, work[index]!) === null && !kept.has(keyOf(cases[index]!.id, port.id))
      ? expectedSeconds(cases[index]!.id, work[index]!, port)
      : { seconds: 0, isKnown: true };
  const all = ports.flatMap((port) => cases.map((_, index) => expected(port, index)));
  const seconds = all.reduce((sum, one) => sum + one.seconds, 0);
  const isKnown = all.filter((one) => !one.isKnown).length <= maxUnknown * all.length;
  const parallel = Math.min(availableParallelism(), 2 * ports.length);
  const timeLeft = new TimeLeft(seconds, parallel, isKnown);
  const total = cases.length * ports.length;
  let done = kept.size;
  return {
    seconds: isKnown ? seconds / Math.max(parallel, 1) : null,
    add(port: Port, index: number, outcome: Outcome): void {
      timeLeft.add(expected(port, index).seconds);
      onProgress?.(outcome, { done: ++done, total, secondsLeft: timeLeft.seconds() });
    },
  };
}
