/** Whether this checkout is slower than a base commit, or than stored rows, unit by unit. */
import { existsSync } from 'node:fs';
import { backends as allBackends, findBackend } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import { readText } from '@touchstone/system';
import { findMethod, methods } from '@touchstone/methods';
import { TimedSession } from '../timed-session.js';
import { readRows, type StoredRow } from '../history.js';
import { runBenchmarks } from '../run-benchmarks.js';
import { withCheckout } from './checkout.js';
import { judgeUnit, type Clock, type UnitVerdict, type Verdict } from './judge-unit.js';
import { programOf, type Unit } from './measure.js';
import { judgeStored } from './stored.js';
import { threshold, type Estimate } from './statistics.js';
import { resolveCommit } from './worktree.js';

/** One line of `gate --json`. */
export interface GateRow extends Unit {
  readonly verdict: Verdict | 'not gated';
  /** Time of head ÷ base, above 1 is slower, with its 95 % interval; null: not measured. */
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Slower means that the whole interval exceeds 1 + threshold. */
  readonly threshold: number | null;
  /** The control's head ÷ base; far from 1, the machine was not the same for both. */
  readonly control: number | null;
  readonly clock: Clock | null;
  /** Two where the first run says slower. */
  readonly runs: number;
  readonly reason: string | null;
}

export interface GateRequest {
  /** A commit, or a file that `bench` wrote. */
  readonly base: string;
  /** This checkout. */
  readonly repository: string;
  readonly golden: string;
  /** Methods; undefined: SmoothGrad, saliency, guided backpropagation and Grad-CAM. */
  readonly benchmarks?: readonly string[] | undefined;
  /** undefined: all available. */
  readonly backends?: readonly string[] | undefined;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (message: string) => void;
}

const usual = ['smooth-grad', 'saliency', 'guided-backprop', 'grad-cam'];
const deadlineMs = 120_000;

/** @throws TouchstoneError where there is no base, no such benchmark, or a backend that is unavailable */
export async function gate(request: GateRequest): Promise<GateRow[]> {
  const ids = request.benchmarks ?? usual;
  if (ids.length === 0)
    throw new TouchstoneError(
      'usage',
      '--benchmark names no method',
      `Name one of ${methods.map(({ id }) => id).join(', ')}.`,
    );
  ids.forEach(findMethod);
  request.backends?.forEach(findBackend);
  const commit = existsSync(request.base) ? null : await resolveCommit(request.repository, request.base);
  const units: Unit[] = [];
  const rows: GateRow[] = [];
  for (const backend of request.backends ?? allBackends.map(({ id }) => id)) {
    const software = await isSoftware(backend, request);
    if (software === null) continue;
    for (const benchmark of ids) {
      if (software)
        rows.push(notGated({ benchmark, backend }, 'software renderer: its speed says nothing about a GPU'));
      else units.push({ benchmark, backend });
    }
  }
  if (units.length === 0)
    throw new TouchstoneError(
      'backend-unavailable',
      'nothing to measure: the only available backends are software renderers',
      'Run touchstone doctor to see why each backend is unavailable.',
    );
  return [
    ...(commit === null ? await againstFile(units, request) : await againstCommit(units, commit, request)),
    ...rows,
  ];
}

/** The exit status: 3 slower · 4 inconclusive · 0 not slower. */
export function gateStatus(rows: readonly GateRow[]): 0 | 3 | 4 {
  if (rows.some(({ verdict }) => verdict === 'slower')) return 3;
  return rows.some(({ verdict }) => verdict === 'inconclusive') ? 4 : 0;
}

async function againstCommit(
  units: readonly Unit[],
  commit: string,
  { repository, clock, signal, onProgress }: GateRequest,
): Promise<GateRow[]> {
  return withCheckout(
    repository,
    commit,
    async (root) => {
      const rows: GateRow[] = [];
      for (const unit of units)
        rows.push(rowOf(await judgeUnit(programOf(root), programOf(repository), unit, { clock, signal, onProgress })));
      return rows;
    },
    { signal, onProgress },
  );
}

async function againstFile(
  units: readonly Unit[],
  { base, golden, signal, onProgress }: GateRequest,
): Promise<GateRow[]> {
  const stored = readRows(readText(base, 'bad-input'), base);
  const pairs = units.map((unit): readonly [Unit, StoredRow] => {
    const row = stored.find(
      ({ benchmark, backend, milliseconds }) =>
        benchmark === unit.benchmark &&
        backend === unit.backend &&
        milliseconds.length > 0 &&
        benchmark !== 'smooth-grad',
    );
    if (row === undefined)
      throw new TouchstoneError(
        'usage',
        `${base} has no rounds of ${unit.benchmark} on ${unit.backend}`,
        `Measure them with touchstone bench ${unit.benchmark} --backend ${unit.backend} --json > FILE ` +
          '(every method but smooth-grad, which is a sweep).',
      );
    return [unit, row];
  });
  const rows: GateRow[] = [];
  for (const [unit, row] of pairs) {
    onProgress(`${unit.benchmark} on ${unit.backend}: five fresh processes`);
    const measure = async () => {
      for await (const found of runBenchmarks([unit.benchmark], {
        rounds: row.milliseconds.length,
        seconds: 60,
        backends: [unit.backend],
        python: null,
        golden,
        known: [],
        signal,
        onProgress: () => undefined,
      }))
        return found;
      throw new TouchstoneError('internal', `${unit.benchmark} on ${unit.backend} gave no row`);
    };
    const { verdict, clock, found, control, runs } = await judgeStored(row, measure);
    const reason =
      verdict === 'inconclusive'
        ? 'too noisy, or the machine has changed since then; --base REF measures both at the same time'
        : null;
    rows.push({ ...unit, verdict, ...figuresOf(found), control, clock, runs, reason });
  }
  return rows;
}

export function rowOf({ benchmark, backend, verdict, runs }: UnitVerdict): GateRow {
  const last = runs.at(-1)!;
  const reason =
    verdict === 'inconclusive'
      ? 'the control differs too: the machine was not the same for base and head'
      : verdict === 'not slower' && runs.length === 2
        ? 'slower in the first run, but not in the second'
        : null;
  return {
    benchmark,
    backend,
    verdict,
    ...figuresOf(last.found),
    control: last.control.ratio,
    clock: last.clock,
    runs: runs.length,
    reason,
  };
}

function figuresOf(found: Estimate): Pick<GateRow, 'ratio' | 'low' | 'high' | 'threshold'> {
  const { ratio, low, high } = found;
  return { ratio, low, high, threshold: threshold(found) };
}

function notGated(unit: Unit, reason: string): GateRow {
  return {
    ...unit,
    verdict: 'not gated',
    ratio: null,
    low: null,
    high: null,
    threshold: null,
    control: null,
    clock: null,
    runs: 0,
    reason,
  };
}

/** null: unavailable, and not asked for by name. */
async function isSoftware(backend: string, { backends, signal, onProgress }: GateRequest): Promise<boolean | null> {
  try {
    const session = await TimedSession.open(backend, { deadlineMs, signal });
    await session.close();
    return session.software;
  } catch (error) {
    if (backends !== undefined || !(error instanceof TouchstoneError && error.code === 'backend-unavailable'))
      throw error;
    onProgress(`left out: ${error.message}`);
    return null;
  }
}
