/** After a sweep: its best batch size by one engine, and in turn with that `batch: auto` and a pool of engines. */
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

/** Of the row that ends a sweep. */
const bestId = 'smooth-grad-best';

/** What the method takes unless told otherwise. */
const usualSamples = 50;
/** Of the time for a sweep, this may take so much beside it. */
const shareOfTime = 3 / 4;

export async function measureBest(
  its: SweepSetup,
  { batch, imagesPerSecond, milliseconds, peakBytes, samples: swept, verified }: SweepRow,
): Promise<BestRow> {
  const {
    network,
    backend,
    ours,
    options: { rounds, seconds, signal },
    tell,
  } = its;
  const notes: string[] = [];
  const rowWith = (figures: Partial<BestRow>): BestRow => ({
    kind: 'best',
    benchmark: bestId,
    network: network.id,
    backend: backend.id,
    batch,
    imagesPerSecond,
    milliseconds,
    peakBytes,
    samples: swept,
    software: ours.software,
    verified,
    notes,
    versions: versionsOf(ours.device),
    pool: null,
    auto: null,
    ...figures,
  });
  const engines = enginesFor(its, peakBytes ?? 0, notes);
  // One engine, and `auto`; a pool, and engines that slow each other down.
  const runs = rounds * (engines > 1 ? 3.2 + 1 / engines : 2);
  const samples = Math.min(
    usualSamples,
    Math.max(batch, 2 * engines, Math.floor((seconds * shareOfTime * imagesPerSecond) / runs)),
  );
  const estimate = Math.ceil((runs * samples) / imagesPerSecond);
  if (estimate > seconds) {
    notes.push(
      `auto and the pool: not timed, ${samples} samples would take about ${estimate} s (--seconds ${seconds})`,
    );
    return rowWith({});
  }
  if (samples < usualSamples)
    notes.push(
      `batch ${batch} and the default: timed on ${samples} samples; with ${usualSamples}, the usual number, ` +
        'sharing costs less',
    );
  tell(`batch ${batch}, auto${engines > 1 ? ` and a pool of ${engines}` : ''} in turn, ${samples} samples each`);

  const opened: TimedSession[] = [];
  const open = async (): Promise<TimedSession> => {
    const session = await TimedSession.open(backend.id, { deadlineMs, signal });
    opened.push(session);
    return session;
  };
  try {
    const job = { ...its.job, params: { ...its.job.params, samples, batch } };
    const { answer } = await ours.time(job, 'ours', { answer: 'average' });
    const parts = [await defaultBatchTurns(its, job, answer!)];
    if (engines > 1) {
      try {
        parts.push(await poolTurns(ours, job, answer!, engines, open));
      } catch (error) {
        if (signal?.aborted || !(error instanceof TouchstoneError)) throw error;
        notes.push(`pool: ${error.message}`);
      }
    }
    let peak: number | null = null;
    const alone = async (): Promise<number> => {
      const timed = await ours.time(job, 'ours');
      if (timed.peakBytes !== null) peak = Math.max(peak ?? 0, timed.peakBytes);
      return timed.milliseconds;
    };
    const times = await interleave([alone, ...parts.flatMap(({ turns }) => turns)], { rounds, signal });
    let next = 1;
    const figures = parts.map((part) => part.figures(part.turns.map(() => faster(times, next++))));
    const mine = times.map(([one]) => one!);
    return rowWith({
      imagesPerSecond: (1000 * samples) / spreadOf(mine).median,
      milliseconds: mine,
      peakBytes: peak,
      samples,
      ...Object.assign({}, ...figures),
    });
  } finally {
    for (const session of opened) await session.close();
  }
}

function faster(times: readonly (readonly number[])[], turn: number): number[] {
  return times.map((round) => round[0]! / round[turn]!);
}

/**
 * One for each core, where the backend's engines use one each, and as many again fit into memory. @param bytes that one
 * needs
 */
function enginesFor({ backend }: SweepSetup, bytes: number, notes: string[]): number {
  const cores = availableParallelism();
  if (!backend.supportsWorkers || cores === 1) return 1;
  const needed = 2 * cores * bytes;
  if (fitsIntoMemory(needed)) return cores;
  notes.push(`pool: ${cores} engines, and ${cores} to compare with, might need ${Math.round(needed / 2 ** 20)} MiB`);
  return 1;
}
