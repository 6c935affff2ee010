import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { drawOverTime, drawThroughput, historyLine, machineSlug, notesOf, readHistory, readRows, readStored, runBenchmarks, tableOf, type BenchmarkRow } from '@touchstone/benchmarks';
import { TouchstoneError } from '@touchstone/contract';
import { machine } from '@touchstone/harness';
import { coloursFor, formatTable, writeWhole } from '@touchstone/report';
import { untilInterrupted } from './interrupt.js';
import { repository } from './options.js';
import { note, print, printJson } from './output.js';

export interface BenchOptions {
  readonly backend?: string[];
  readonly network?: string[];
  readonly rounds: number;
  readonly seconds: number;
  /** A path; false: without PyTorch. */
  readonly python?: string | false;
  readonly json?: boolean;
  /** A file; true: the one of this machine. */
  readonly history?: string | true;
  readonly plot?: string;
  readonly from?: string;
  readonly golden: string;
}

/** Exit status 0 fine · 3 a benchmark is slower than it has to be · 4 something broke. */
export async function bench(names: readonly string[], options: BenchOptions): Promise<void> {
  if (options.from !== undefined) return draw(options.from, options.plot);
  if (options.rounds < 1) throw new TouchstoneError('usage', '--rounds 0: there is nothing to measure', 'For example --rounds 5.');
  const started = new Date().toISOString();
  const rows: BenchmarkRow[] = [];
  try {
    await untilInterrupted((signal) => measure(names, options, rows, signal));
  } finally {
    // What was measured before something broke is shown, but not kept.
    if (rows.length > 0) show(rows, options);
  }
  if (rows.length === 0) throw new TouchstoneError('backend-unavailable', 'nothing could be measured', 'What was left out, and why, stands above.');
  const stamp = { started, machine: machine(), commit: await commitOf() };
  if (options.history !== undefined) await keep(options.history, historyLine(stamp, rows));
  if (options.plot !== undefined) await writeWhole(options.plot, drawThroughput(rows, `${stamp.machine}, ${started.slice(0, 10)}`));
  if (rows.some((row) => row.required !== null && !((row.ratioWithoutForward ?? row.ratio)!.median >= row.required))) process.exitCode = 3;
}

async function measure(names: readonly string[], { backend: backends, network: networks, rounds, seconds, python, golden }: BenchOptions, rows: BenchmarkRow[], signal: AbortSignal): Promise<void> {
  const chosen = python === false ? null : (python ?? process.env['TOUCHSTONE_PYTHON'] ?? (process.platform === 'win32' ? 'python' : 'python3'));
  for await (const row of runBenchmarks(names, { backends, networks, rounds, seconds, python: chosen, golden, signal, onProgress: note })) {
    rows.push(row);
    note(`  ${row.benchmark} · ${row.network} · ${row.backend} · batch ${row.batch}: ${row.imagesPerSecond.toPrecision(3)} images/s`);
  }
}

function show(rows: readonly BenchmarkRow[], { json = false }: BenchOptions): void {
  if (json) return printJson(rows);
  const { headings, rows: cells } = tableOf(rows);
  print(...formatTable(headings, cells.map((row) => row.map((text, column) => ({ text, right: column > 2 }))), coloursFor(process.stdout)));
  const notes = notesOf(rows);
  if (notes.length > 0) print('', ...notes);
}

/** From a file that was measured earlier: throughput of its last run, or a history over time as well. */
async function draw(file: string, to: string | undefined): Promise<void> {
  if (to === undefined) throw new TouchstoneError('usage', '--from draws what is stored, so it needs --plot', 'For example --from bench.json --plot speed.svg.');
  const text = await readStored(file);
  const rows = readRows(text, file);
  const { machine } = rows[0]!.versions ?? { machine: 'a machine that is not named' };
  await writeWhole(to, drawThroughput(rows, machine));
  if (text.trimStart().startsWith('[')) return;
  const overTime = to.replace(/(\.svg)?$/i, '-over-time.svg');
  await writeWhole(overTime, drawOverTime(readHistory(text, file), machine));
  note(`over time: ${overTime}`);
}

/** Appends the line; the file is written anew, whole or not at all. */
async function keep(history: string | true, line: string): Promise<void> {
  const file = history === true ? join(repository, 'benchmarks', 'history', `${machineSlug(machine())}.jsonl`) : history;
  await mkdir(dirname(file), { recursive: true });
  const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  await writeWhole(file, before + line);
  note(`kept in ${file}`);
}

/** null where this is no checkout, or git is missing. */
async function commitOf(): Promise<string | null> {
  const git = promisify(execFile);
  try {
    const { stdout: commit } = await git('git', ['rev-parse', 'HEAD'], { cwd: repository });
    const { stdout: changed } = await git('git', ['status', '--porcelain', '--untracked-files=no'], { cwd: repository });
    return commit.trim() + (changed.trim() === '' ? '' : '+');
  } catch {
    return null;
  }
}
