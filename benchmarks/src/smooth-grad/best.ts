/**
 * After a sweep: its best batch size once more, in turn with `batch: auto`, a pool of workers, and as many separate
 * sessions.
 */
import { availableParallelism } from 'node:os';
import { TouchstoneError } from '@touchstone/contract';
import type { BestRow, SweepRow } from '../benchmark.js';
import { TimedSession } from '../timed-session.js';
import { spreadOf, interleave } from '../rounds.js';
import { versionsOf } from '../versions.js';
import { defaultBatchTurns } from './default-batch.js';
import { deadlineMs } from './entrants.js';
import { fitsIntoMemory } from './memory.js';
import { poolTurns } from './pool.js';
import type { SweepSetup } from './sweep-setup.js';
import type { Turns } from './turns.js';

/** The method's default. */
const defaultSamples = 50;
/** The time limit of this measurement, as a share of the sweep's. */
const shareOfTime = 3 / 4;

/** What is measured in turn. */
interface Plan {
  readonly batch: number;
  readonly samples: number;
  /** Workers of the pool; 1: no pool. */
  readonly workers: number;
}

export async function measureBest(its: SweepSetup, best: SweepRow): Promise<BestRow> {
  const notes: string[] = [];
  const plan = planFor(its, best, notes);
  const figures = plan && (await measurePlan(its, plan, notes));
  return {
    kind: 'best',
    benchmark: 'smooth-grad-best',
    network: its.network.id,
    backend: its.backend.id,
    batch: best.batch,
    imagesPerSecond: best.imagesPerSecond,
    milliseconds: best.milliseconds,
    peakBytes: best.peakBytes,
    samples: best.samples,
    software: its.ours.software,
    verified: best.verified,
    notes,
    versions: versionsOf(its.ours.device),
    pool: null,
    auto: null,
    ...figures,
  };
}

/** null: even a few samples would take too long. */
function planFor(its: SweepSetup, { batch, imagesPerSecond, peakBytes }: SweepRow, notes: string[]): Plan | null {
  const { rounds, seconds } = its.options;
  const workers = workersFor(its, peakBytes ?? 0, notes);
  // Each round: the best size and `auto`; a pool, and separate sessions that slow each other down.
  const runs = rounds * (workers > 1 ? 3.2 + 1 / workers : 2);
  const samples = Math.min(
    defaultSamples,
    Math.max(batch, 2 * workers, Math.floor((seconds * shareOfTime * imagesPerSecond) / runs)),
  );
  const estimate = Math.ceil((runs * samples) / imagesPerSecond);
  if (estimate > seconds) {
    notes.push(
      `auto and the pool: not timed, ${samples} samples would take about ${estimate} s (--seconds ${seconds})`,
    );
    return null;
  }
  if (samples < defaultSamples)
    notes.push(
      `batch ${batch} and auto: timed on ${samples} samples; with ${defaultSamples}, the method's default, ` +
        'a pool costs less per sample',
    );
  const pool = workers > 1 ? ` and a pool of ${workers} workers` : '';
  its.tell(`batch ${batch}, auto${pool} in turn, ${samples} samples each`);
  return { batch, samples, workers };
}

async function measurePlan(its: SweepSetup, plan: Plan, notes: string[]): Promise<Partial<BestRow>> {
  const { ours, backend } = its;
  const { rounds, signal } = its.options;
  const opened: TimedSession[] = [];
  const open = async (): Promise<TimedSession> => {
    const session = await TimedSession.open(backend.id, { deadlineMs, signal });
    opened.push(session);
    return session;
  };
  try {
    const job = { ...its.job, params: { ...its.job.params, samples: plan.samples, batch: plan.batch } };
    const expected = (await ours.time(job, 'ours', { answer: 'average' })).answer!;
    const parts = [await defaultBatchTurns(its, job, expected)];
    if (plan.workers > 1) {
      try {
        parts.push(await poolTurns(ours, job, expected, plan.workers, open));
      } catch (error) {
        if (signal?.aborted || !(error instanceof TouchstoneError)) throw error;
        notes.push(`pool: ${error.message}`);
      }
    }
    let peakBytes: number | null = null;
    const alone = async (): Promise<number> => {
      const timed = await ours.time(job, 'ours');
      if (timed.peakBytes !== null) peakBytes = Math.max(peakBytes ?? 0, timed.peakBytes);
      return timed.milliseconds;
    };
    const times = await interleave([alone, ...parts.flatMap(({ turns }) => turns)], { rounds, signal });
    return { ...figuresOf(times, plan.samples, parts), peakBytes };
  } finally {
    for (const session of opened) await session.close();
  }
}

/** @param times rows of the best size alone, then of each part's turns */
function figuresOf(times: readonly (readonly number[])[], samples: number, parts: readonly Turns[]): Partial<BestRow> {
  const milliseconds = times.map(([alone]) => alone!);
  let next = 1;
  const figures = parts.map(({ turns, figures: of }) =>
    of(
      turns.map(() => {
        const turn = next++;
        return times.map((round) => round[0]! / round[turn]!);
      }),
    ),
  );
  const imagesPerSecond = (1000 * samples) / spreadOf(milliseconds).median;
  return { imagesPerSecond, milliseconds, samples, ...Object.assign({}, ...figures) };
}

/** One for each core, if a session of the backend uses one core and the memory suffices. @param bytes of one session */
function workersFor({ backend }: SweepSetup, bytes: number, notes: string[]): number {
  const cores = availableParallelism();
  if (!backend.supportsWorkers || cores === 1) return 1;
  // The pool, and the separate sessions to compare it with.
  const needed = 2 * cores * bytes;
  if (fitsIntoMemory(needed)) return cores;
  notes.push(`pool: not timed, ${cores} workers and ${cores} sessions might need ${Math.round(needed / 2 ** 20)} MiB`);
  return 1;
}
