/** One network on one backend: batch sizes 1, 2, 4, … until memory or time runs out. */
import { TouchstoneError, type HostTensor } from '@touchstone/contract';
import type { BestRow, SweepRow } from '../benchmark.js';
import { versionsOf } from '../versions.js';
import { measureBest } from './best.js';
import { bySession, type Contestant, type Ran } from './contestants.js';
import { assertAlike, deadlineMs, enter, type Entered } from './entrants.js';
import { measure } from './measure.js';
import { fitsIntoMemory } from './memory.js';
import { multiplyAddsPerImage, productSize, productsPerSecond } from './share.js';
import { checkSmall, smallJob } from './small-check.js';
import type { SweepSetup } from './sweep-setup.js';

const maxSamples = 32;
/** Time of one of our runs, as a share of `--seconds`. */
const shareOfRun = 1 / 40;

/** A row for each batch size, and one for the best of them. */
export async function* sweep(its: SweepSetup): AsyncGenerator<SweepRow | BestRow> {
  const rows: SweepRow[] = [];
  for await (const row of batches(its)) {
    rows.push(row);
    yield row;
  }
  if (rows.length > 0)
    yield await measureBest(
      its,
      rows.reduce((best, row) => (row.imagesPerSecond > best.imagesPerSecond ? row : best)),
    );
}

async function* batches(its: SweepSetup): AsyncGenerator<SweepRow> {
  const { known, options, tell } = its;
  const tooSlow = await estimatedSeconds(its);
  if (tooSlow > options.seconds)
    return tell(
      `left out: one image takes about ${Math.round(tooSlow)} s, and there are ${options.seconds} (--seconds)`,
    );
  const prepared = await prepare(its);
  const start = performance.now();
  let peakBefore = 0;
  for (let batch = 1; batch <= prepared.samples; batch *= 2) {
    if (batch > 1 && performance.now() - start > 1000 * options.seconds)
      return tell(`stopped before batch ${batch}: the time is up (--seconds ${options.seconds})`);
    let row = known.find((before) => before.batch === batch);
    if (row === undefined) {
      let first: Ran;
      try {
        first = await firstRun(prepared, batch);
      } catch (error) {
        if (options.signal?.aborted || !isOutOfMemory(error)) throw error;
        return tell(`stopped before batch ${batch}: ${(error as Error).message}`);
      }
      row = await measureBatch(its, prepared, batch, batch === 1 ? prepared.coldMs : first.milliseconds);
    }
    yield row;
    const peak = row.peakBytes ?? 0;
    const next = peak + 2 * (peak - peakBefore);
    if (batch > 1 && !fitsIntoMemory(next - peak))
      return tell(`stopped after batch ${batch}: twice as many would need about ${Math.round(next / 2 ** 20)} MiB`);
    peakBefore = peak;
  }
}

/** What the measurements of all batch sizes share. */
interface Prepared extends Entered {
  readonly mine: Contestant;
  /** Milliseconds of the very first run. */
  readonly coldMs: number;
  /** Multiply-adds of a forward pass. */
  readonly forward: number;
  /** Distance from float64 in the small check. */
  readonly e2: number;
  readonly samples: number;
  /** Multiply-adds per second of a large matrix product, on this backend and the best on this machine. */
  readonly limits: { readonly backend: number; readonly machine: number };
  /** The mean gradient with batch 1. */
  readonly alone: HostTensor;
}

async function prepare(its: SweepSetup): Promise<Prepared> {
  const { job, ours, known, options, tell } = its;
  const mine = bySession('ours', ours, job);
  const coldMs = (await mine.run({ samples: 1, batch: 1 })).milliseconds;
  tell(`first run ${(coldMs / 1000).toFixed(1)} s; checking against float64`);
  const { ours: small, e2 } = await checkSmall(job, ours, its.oracle);
  const forward = await ours.multiplyAdds(job);
  const warm = (await mine.run({ samples: 1, batch: 1 })).milliseconds;
  const samples = known[0]?.samples ?? samplesFor(options.seconds * 1000 * shareOfRun, warm);
  const entered = await enter(its, small, { samples, warm });
  const limits = await productRates(its);
  const alone = (await mine.run({ samples, batch: 1 }, { answer: true })).average!;
  return { mine, coldMs, forward, e2, samples, limits, alone, ...entered };
}

/** The first run with a batch size. Also checks that its answer is that of batch 1. */
async function firstRun({ mine, samples, alone }: Prepared, batch: number): Promise<Ran> {
  const first = await mine.run({ samples: batch, batch });
  const { average } = await mine.run({ samples, batch }, { answer: true });
  assertAlike(average!, alone, `in passes of ${batch}`);
  return first;
}

async function measureBatch(
  { network, backend, ours, pytorch, options }: SweepSetup,
  { entrants, absent, samples, forward, limits, e2 }: Prepared,
  batch: number,
  firstRunMs: number,
): Promise<SweepRow> {
  const { rounds, signal } = options;
  const measured = await measure({ entrants, absent, batch, samples, rounds, signal });
  const { perSecond, ratio, milliseconds, peakBytes, notes } = measured;
  const rate = perSecond.ours! * multiplyAddsPerImage(forward, samples);
  return {
    kind: 'sweep',
    benchmark: 'smooth-grad',
    network: network.id,
    backend: backend.id,
    batch,
    samples,
    imagesPerSecond: perSecond.ours!,
    stockImagesPerSecond: perSecond.stock ?? null,
    pytorchImagesPerSecond: perSecond.pytorch ?? null,
    channelsLastImagesPerSecond: perSecond.channelsLast ?? null,
    captumImagesPerSecond: perSecond.captum ?? null,
    ratio: ratio.stock ?? null,
    pytorchRatio: ratio.pytorch ?? null,
    channelsLastRatio: ratio.channelsLast ?? null,
    captumRatio: ratio.captum ?? null,
    milliseconds,
    peakBytes,
    software: ours.software,
    firstRunMs,
    engineShare: rate / limits.backend,
    machineShare: rate / limits.machine,
    verified: `32×32, two samples: ${e2.toExponential(1)} from float64; batch ${batch} as batch 1`,
    notes,
    versions: versionsOf(ours.device, pytorch),
  };
}

/** Of one image, by the backend's declared speed and the network's multiply-adds on a small image. */
async function estimatedSeconds({ backend, job, ours }: SweepSetup): Promise<number> {
  // A fast backend can simply be tried.
  if (backend.multiplyAddsPerSecond > 1e9) return 0;
  const [, , height, width] = job.x.shape as [number, number, number, number];
  const small = await ours.multiplyAdds(smallJob(job));
  return (3 * small * ((height * width) / 32 ** 2)) / backend.multiplyAddsPerSecond;
}

function samplesFor(milliseconds: number, perSample: number): number {
  const max = Math.max(1, Math.min(maxSamples, milliseconds / perSample));
  return 2 ** Math.floor(Math.log2(max));
}

async function productRates({ backend, ours, pytorch }: SweepSetup): Promise<{ backend: number; machine: number }> {
  const size = productSize(backend.multiplyAddsPerSecond);
  const times = async (run: () => Promise<number>): Promise<number[]> => {
    const all: number[] = [];
    for (let i = 0; i < 4; i++) all.push(await run());
    return all;
  };
  const onBackend = productsPerSecond(size, await times(() => ours.product(size)));
  const machine =
    pytorch === null
      ? onBackend
      : Math.max(onBackend, productsPerSecond(1024, await times(() => pytorch.product(1024, deadlineMs))));
  return { backend: onBackend, machine };
}

/** By the messages of V8 (arrays), WebAssembly (memory) and TensorFlow (tensors); or the child process has ended. */
function isOutOfMemory(error: unknown): boolean {
  return (
    error instanceof TouchstoneError &&
    (error.code === 'process-crashed' || /memory|alloc|OOM|array length/i.test(error.message))
  );
}
