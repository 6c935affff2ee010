import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { backends } from '@touchstone/backends';
import {
  TouchstoneError,
  type CaseRow,
  type Footer,
  type Header,
  type Outcome,
  type Stages,
  messageOf,
} from '@touchstone/contract';
import { backendPort } from '../port/backend-port.js';
import { modulePort } from '../port/module-port.js';
import type { PortOptions } from '../port/session-port.js';
import { Expectations, readExpectations } from '../golden/expectations.js';
import type { GoldenStore } from '../golden/golden-store.js';
import { machine } from '@touchstone/system';
import { Oracle } from '../judge/oracle.js';
import { filesPort } from '../port/files-port.js';
import type { ExplainRequest } from '@touchstone/session';
import type { Opened, Port } from '../port/port.js';
import { ResultsFile } from './results-file.js';
import { runCase, unavailable, type Judged } from '../judge/run-case.js';
import { selectNames } from './selection.js';
import { scheduleCases } from './schedule-cases.js';
import { Semaphore } from './semaphore.js';
import { summarise, worstByBackend, type Summary } from './summary.js';

export interface VerifyOptions {
  readonly golden: GoldenStore;
  readonly cases: readonly CaseRow[];
  /** Which of our backends, with `*`; left out: every one. */
  readonly backends?: readonly string[] | undefined;
  /** Backends that must be available. */
  readonly require?: readonly string[] | undefined;
  /** Instead of our backends: the path of a port that is a JavaScript module. */
  readonly port?: string | undefined;
  /** Instead of our backends: the folder into which a port wrote its answers. */
  readonly outputs?: string | undefined;
  /** Where results.ndjson goes. */
  readonly resultsDir?: string | undefined;
  /** For one run of a case; 120,000 when left out. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((outcome: Outcome, done: number, total: number) => void) | undefined;
  /** What our own port answered, before the engine goes on to its next case. */
  readonly onResult?:
    | ((
        row: CaseRow,
        backend: string,
        stages: Stages,
        request: Pick<ExplainRequest, 'x' | 'fixtures'>,
      ) => Promise<void> | void)
    | undefined;
}

export interface Verification {
  readonly header: Header;
  /** By the order of the cases, then of the backends, whatever the order in which they ran. */
  readonly outcomes: readonly Outcome[];
  readonly summary: Summary;
  /** results.ndjson, when it is complete and was asked for. */
  readonly file: string | null;
}

/** Judges every case on every backend, or on a port: each in a child process of its own, or in two where a core is to spare, side by side, and no more cases at a time than there are cores. */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { golden, cases, signal } = options;
  golden.checkCases();
  const known = readExpectations(golden.root);
  const start = performance.now();
  const limits = { deadlineMs: options.deadlineMs ?? 120_000, signal };
  const ports = portsOf(options, limits);
  const oracle = new Oracle(limits);
  try {
    const opened = await Promise.all(ports.map(open));
    const header = headerOf(options, ports, opened);
    const file = options.resultsDir === undefined ? null : new ResultsFile(options.resultsDir, header);
    const names = [...new Set([...ports.map((port) => port.id), ...backends.map((backend) => backend.id)])];
    const expectations = new Expectations(known, golden.cases, names, header.started.slice(0, 10));
    const found: Outcome[][] = ports.map(() => []);
    const total = cases.length * ports.length;
    const slots = new Semaphore(availableParallelism());
    let done = 0;

    const lane = async (port: Port, state: Opened, mine: Outcome[]): Promise<void> => {
      const required = options.require?.includes(port.id) ?? false;
      const device = state.kind === 'ready' ? state.device : '';
      const tell = async ({ outcome: plain, answer, request }: Judged, index: number): Promise<void> => {
        const outcome = expectations.apply(plain, { device, platform: process.platform });
        mine[index] = outcome;
        file?.append(outcome);
        options.onProgress?.(outcome, ++done, total);
        if (port.own && answer !== null && request !== null)
          await options.onResult?.(cases[index]!, port.id, answer.stages, request);
      };
      if (state.kind === 'ready') {
        // The oracle's part is done in the slot of whoever asks it.
        return scheduleCases(port, slots, {
          count: cases.length,
          judge: (engine, index) => runCase(golden, cases[index]!, engine, oracle),
          tell,
          signal,
        });
      }
      for (const [index, row] of cases.entries()) {
        if (signal?.aborted) return;
        await tell({ outcome: unavailable(row, port.id, state.reason, required), answer: null, request: null }, index);
      }
    };
    await Promise.all(ports.map((port, index) => lane(port, opened[index]!, found[index]!)));

    const outcomes = cases.flatMap((_, index) => found.flatMap((mine) => mine[index] ?? []));
    const complete = outcomes.length === total;
    const summary = summarise(outcomes, expectations.findings, complete);
    if (complete) file?.finish(outcomes, footerOf(summary, performance.now() - start));
    return { header, outcomes, summary, file: complete && file !== null ? file.path : null };
  } finally {
    for (const port of [...ports, oracle]) port.stop();
  }
}

function portsOf({ backends: asked, require = [], port, outputs }: VerifyOptions, limits: PortOptions): Port[] {
  if (
    [asked ?? (require.length > 0 ? require : undefined), port, outputs].filter((choice) => choice !== undefined)
      .length > 1
  ) {
    throw new TouchstoneError(
      'usage',
      '--backend or --require, --port and --outputs exclude each other',
      'judge one thing at a time',
    );
  }
  if (outputs !== undefined) return [filesPort(outputs)];
  if (port !== undefined) return [modulePort(port, limits)];
  const ids = backends.map((backend) => backend.id);
  return selectNames('backend', ids, [...(asked ?? ids), ...require]).map((id) => backendPort(id, limits));
}

/** A port that does not open at all ends the run; a backend of ours that does not is unavailable. */
async function open(port: Port): Promise<Opened> {
  try {
    return await port.open();
  } catch (error) {
    if (!port.own) throw error;
    return { kind: 'unavailable', reason: messageOf(error) };
  }
}

function headerOf({ golden }: VerifyOptions, ports: readonly Port[], opened: readonly Opened[]): Header {
  const running = ports.flatMap(({ id }, index) => {
    const state = opened[index]!;
    return state.kind === 'ready' ? [{ id, ...state }] : [];
  });
  const other = ports.every((port) => port.own) ? undefined : running[0];
  return {
    kind: 'header',
    version: 1,
    touchstone: ownVersion,
    started: new Date().toISOString(),
    golden: golden.manifestHash,
    port: { name: other?.name ?? 'touchstone', version: other?.version ?? ownVersion },
    backends: running.map(({ id, device, precision, softwareRenderer }) => ({
      id,
      device,
      precision,
      softwareRenderer,
    })),
    unavailable: ports.flatMap(({ id }, index) => {
      const state = opened[index]!;
      return state.kind === 'unavailable' ? [{ id, reason: state.reason }] : [];
    }),
    machine: `${machine()}, Node ${process.version}`,
  };
}

const { version: ownVersion } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

function footerOf(summary: Summary, milliseconds: number): Footer {
  const { passed, failed, skipped, errored } = summary;
  return {
    kind: 'footer',
    passed,
    failed,
    skipped,
    errored,
    worst: worstByBackend(summary),
    milliseconds: Math.round(milliseconds),
  };
}
