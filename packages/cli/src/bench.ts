import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  drawOverTime,
  drawThroughput,
  forBencher,
  forGitHubAction,
  historyLine,
  machineSlug,
  notesOf,
  publishedRow,
  readHistory,
  readRows,
  runBenchmarks,
  tablesOf,
  type BenchmarkRow,
  type Stamp,
  type TrackedRow,
} from '@touchstone/benchmarks';
import { counted, TouchstoneError } from '@touchstone/contract';
import { appendLine, checkWritable, machine, readText, whichPython, writeWhole } from '@touchstone/system';
import { coloursFor, formatTable } from '@touchstone/report';
import { Interrupted, untilInterrupted } from './interrupt.js';
import { refuseZero, repository, requireClone } from './options.js';
import { note, print, printJson } from './output.js';
import { checkDistinct } from './outputs.js';
import { RowsFile } from './rows-file.js';

export interface BenchOptions {
  readonly backend?: string[];
  readonly network?: string[];
  readonly rounds: number;
  readonly seconds: number;
  /** A path; false: without PyTorch. */
  readonly python?: string | false;
  readonly json?: boolean;
  /** A file to store each row in as soon as it is measured. */
  readonly rows?: string;
  /** A file; true: the one of this machine. */
  readonly history?: string | true;
  readonly plot?: string;
  /** Files for services that track benchmarks. */
  readonly githubBenchmark?: string;
  readonly bencher?: string;
  readonly from?: string;
  readonly golden: string;
}

/** Exit status 0 fine · 3 a benchmark misses its required ratio · 4 something broke. */
export async function bench(names: readonly string[], options: BenchOptions): Promise<void> {
  const { plot, from, rows: stored, history: line, githubBenchmark, bencher } = options;
  const outputs = { '--plot': plot, '--github-benchmark': githubBenchmark, '--bencher': bencher };
  const sources = { '--rows': stored, '--history': line === true ? undefined : line, '--from': from };
  checkDistinct(Object.assign({}, outputs, sources));
  if (from !== undefined) return renderStored(from, options);
  refuseZero('--rounds', options.rounds, 3);
  for (const file of [options.history, ...Object.values(outputs)]) if (typeof file === 'string') checkWritable(file);
  const now = await stampOf(options);
  const kept = options.rows === undefined ? null : await RowsFile.open(options.rows, now);
  const stamp = kept?.stamp ?? now;
  if (kept && kept.known.length > 0) note(`resuming: ${kept.file} has ${counted(kept.known.length, 'row')} already`);
  const rows: BenchmarkRow[] = [];
  try {
    await untilInterrupted((signal) => measure(names, options, { rows, kept, signal }));
  } catch (error) {
    if (rows.length > 0 || error instanceof Interrupted) {
      show(rows, options);
      note(
        kept
          ? `the rows measured so far are in ${kept.file}; run the same command to resume`
          : 'the rows measured so far are above; with --rows FILE the same command could resume',
      );
    }
    throw error;
  } finally {
    kept?.close();
  }
  show(rows, options);
  if (rows.length === 0)
    throw new TouchstoneError(
      'backend-unavailable',
      'nothing was measured: all benchmarks were left out',
      'Read the reasons in the lines above.',
    );
  if (options.history !== undefined) await keep(options.history, historyLine(stamp, rows));
  if (options.plot !== undefined)
    writeWhole(options.plot, drawThroughput(rows.map(publishedRow), `${stamp.machine}, ${stamp.started.slice(0, 10)}`));
  writeTracked(rows.map(publishedRow), options);
  if (rows.some((row) => row.kind === 'comparison' && !(row.ratioWithoutForward.median >= row.required)))
    process.exitCode = 3;
}

interface Measuring {
  /** Filled. */
  readonly rows: BenchmarkRow[];
  readonly kept: RowsFile | null;
  readonly signal: AbortSignal;
}

async function measure(
  names: readonly string[],
  options: BenchOptions,
  { rows, kept, signal }: Measuring,
): Promise<void> {
  const { backend: backends, network: networks, rounds, seconds, golden } = options;
  const known = kept?.known ?? [];
  for await (const row of runBenchmarks(names, {
    backends,
    networks,
    rounds,
    seconds,
    python: pythonOf(options),
    golden,
    known,
    signal,
    onProgress: note,
  })) {
    rows.push(row);
    if (known.includes(row)) continue;
    await kept?.add(row);
    note(
      `  ${row.benchmark} · ${row.network} · ${row.backend} · batch ${row.batch}: ` +
        `${row.imagesPerSecond.toPrecision(3)} images/s`,
    );
  }
}

function pythonOf({ python }: BenchOptions): string | null {
  return python === false ? null : whichPython(python);
}

function show(rows: readonly BenchmarkRow[], { json = false }: BenchOptions): void {
  if (json) return printJson(rows.map(publishedRow));
  if (rows.length === 0) return;
  const colours = coloursFor(process.stdout);
  for (const [i, { headings, rows: cells, legend }] of tablesOf(rows).entries()) {
    if (i > 0) print('');
    const aligned = cells.map((row) => row.map((text, column) => ({ text, right: column > 2 })));
    print(...formatTable(headings, aligned, colours, process.stdout.columns), ...legend.map(colours.dim));
  }
  const notes = notesOf(rows);
  if (notes.length > 0) print('', ...notes);
}

/** Of rows that an earlier run stored, nothing is measured. */
async function renderStored(file: string, options: BenchOptions): Promise<void> {
  const { plot, githubBenchmark, bencher } = options;
  if ([plot, githubBenchmark, bencher].every((output) => output === undefined))
    throw new TouchstoneError(
      'usage',
      '--from takes stored rows, so it needs --plot, --github-benchmark or --bencher',
      'Add one of them, or omit --from.',
    );
  if (plot !== undefined) await draw(file, plot);
  writeTracked(readRows(readText(file, 'bad-input'), file), options);
}

function writeTracked(rows: readonly TrackedRow[], { githubBenchmark, bencher }: BenchOptions): void {
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  if (githubBenchmark !== undefined) writeWhole(githubBenchmark, json(forGitHubAction(rows)));
  if (bencher !== undefined) writeWhole(bencher, json(forBencher(rows)));
}

/** Draws stored rows: the throughput of the last run; of several runs also the best over time. */
async function draw(file: string, to: string): Promise<void> {
  const text = readText(file, 'bad-input');
  const rows = readRows(text, file);
  const { machine } = rows[0]!.versions ?? { machine: 'unknown machine' };
  const runs = text.trimStart().startsWith('[') ? [] : readHistory(text, file);
  writeWhole(
    to,
    drawThroughput(rows, [machine, ...runs.slice(-1).map(({ started }) => started.slice(0, 10))].join(', ')),
  );
  if (runs.length < 2) return;
  const overTime = to.replace(/(\.svg)?$/i, '-over-time.svg');
  writeWhole(overTime, drawOverTime(runs, machine));
  note(`over time: ${overTime}`);
}

async function keep(history: string | true, line: string): Promise<void> {
  if (history === true) requireClone('--history without a file');
  const file =
    history === true ? join(repository, 'benchmarks', 'history', `${machineSlug(machine())}.jsonl`) : history;
  appendLine(file, line, 'bad-input');
  note(`appended to ${file}`);
}

async function stampOf(options: BenchOptions): Promise<Stamp> {
  const { rounds, seconds, golden } = options;
  return {
    started: new Date().toISOString(),
    machine: machine(),
    commit: await commitOf(),
    conditions: { node: process.version, rounds, seconds, python: pythonOf(options), golden },
  };
}

/** With `+` and a hash of the changes where tracked files were changed; null: not a checkout, or git is missing. */
async function commitOf(): Promise<string | null> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', args, { cwd: repository, maxBuffer: 2 ** 28 })).stdout;
  try {
    const commit = (await git('rev-parse', 'HEAD')).trim();
    const changes = await git('diff', 'HEAD', '--binary');
    return changes === '' ? commit : `${commit}+${createHash('sha256').update(changes).digest('hex').slice(0, 8)}`;
  } catch {
    return null;
  }
}
