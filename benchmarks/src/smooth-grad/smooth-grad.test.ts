import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { findBackend } from '@touchstone/backends';
import { compareTensors, type HostTensor } from '@touchstone/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchmarkRow, BestRow, SweepRow } from '../benchmark.js';
import { bestRow, sweepRow } from '../testing/rows.js';
import { noiseImages } from '../conv-gradient/vgg.js';
import { TimedSession } from '../timed-session.js';
import { bySession, byPyTorch } from './contestants.js';
import { imagesOf } from './measure.js';
import { networks } from './networks.js';
import { PyTorch } from '../pytorch.js';
import { smoothGrad } from './smooth-grad.js';
import { multiplyAddsPerImage, productSize, productsPerSecond } from './share.js';
import { checkSmall, smallJob } from './small-check.js';
import { sweep } from './sweep.js';

const golden = fileURLToPath(new URL('../../../golden', import.meta.url));
const job = {
  method: 'smooth-grad',
  networkFolder: `${golden}/networks/tiny-vgg`,
  x: { shape: [1, 3, 32, 32], data: new Float32Array(3072) },
  target: { class: 5 },
  params: {
    samples: 2,
    fraction: 0.15,
    average: 'mean-then-abs',
    reduce: 'abs-max',
    display: false,
    batch: 2,
    seed: 0,
  },
  fixtures: {},
  maxValues: 1e6,
};
const limits = { deadlineMs: 60_000 };

let [session, oracle] = [] as unknown as [TimedSession, TimedSession];
beforeAll(async () => {
  [session, oracle] = [await TimedSession.open('wasm', limits), await TimedSession.open('float64', limits)];
}, 60_000);
afterAll(() => Promise.all([session, oracle].map((one) => one.close())));

describe('before anything is timed', () => {
  it('float64 agrees', async () => {
    expect((await checkSmall(job, session, oracle)).e2).toBeLessThan(1e-5);
  });

  it('a wrong answer is not timed', async () => {
    const wrong = (change: (value: number) => number): Pick<TimedSession, 'backend' | 'time' | 'diagnose'> => ({
      backend: 'wasm',
      diagnose: (question) => session.diagnose(question),
      time: async (...asked) => {
        const timed = await session.time(...asked);
        return { ...timed, answer: { ...timed.answer!, data: timed.answer!.data.map(change) as HostTensor['data'] } };
      },
    });
    for (const change of [(value: number) => value * 1.001, Math.abs, () => NaN]) {
      await expect(checkSmall(job, wrong(change), oracle)).rejects.toMatchObject({
        code: 'internal',
        message: expect.stringContaining('not timed') as string,
      });
    }
  });

  it('every network is there', () => {
    for (const { folder } of networks) expect(existsSync(`${folder(golden)}/network.json`)).toBe(true);
  });
});

describe('a sweep', () => {
  const network = { id: 'tiny-vgg', size: 32, folder: () => job.networkFolder };
  const rowsOf = async (
    seconds: number,
    ours: TimedSession,
    backend: string,
    { known = [], rounds = 2, pool = true }: { known?: readonly SweepRow[]; rounds?: number; pool?: boolean } = {},
  ): Promise<{ rows: (SweepRow | BestRow)[]; told: string }> => {
    const rows: (SweepRow | BestRow)[] = [];
    const told: string[] = [];
    const options = { rounds, seconds, python: null, golden, known: [], onProgress: () => undefined };
    const stock = await TimedSession.open(backend, limits);
    try {
      for await (const row of sweep({
        network,
        backend: pool ? findBackend(backend) : { ...findBackend(backend), supportsWorkers: false },
        job: { ...job, x: noiseImages(1, 32) },
        ours,
        stock,
        pytorch: null,
        oracle,
        known,
        options,
        tell: (message) => told.push(message),
      }))
        rows.push(row);
    } finally {
      await stock.close();
    }
    return { rows, told: told.join('\n') };
  };

  it('ours and stock TF.js, for batch sizes 1, 2, 4, …', async () => {
    const { rows: all } = await rowsOf(20, session, 'wasm');
    const rows = all.filter((row) => row.kind === 'sweep');
    const best = all.at(-1) as BestRow;
    expect(rows).toHaveLength(all.length - 1);
    expect(rows.map(({ batch }) => batch)).toEqual(rows.map((_, i) => 2 ** i));
    expect(rows[0]).toMatchObject({
      benchmark: 'smooth-grad',
      network: 'tiny-vgg',
      backend: 'wasm',
      batch: 1,
      pytorchImagesPerSecond: null,
      channelsLastImagesPerSecond: null,
      captumImagesPerSecond: null,
      software: false,
    });
    for (const row of rows) {
      expect(row.milliseconds).toHaveLength(2);
      for (const measured of [
        row.peakBytes,
        row.imagesPerSecond,
        row.stockImagesPerSecond,
        row.engineShare,
        row.firstRunMs,
      ])
        expect(measured).toBeGreaterThan(0);
      expect(row.ratio!.median).toBeGreaterThan(0);
      expect(row.verified).toContain('float64');
    }
    const fastest = Math.max(...rows.map(({ imagesPerSecond }) => imagesPerSecond));
    expect(best).toMatchObject({
      benchmark: 'smooth-grad-best',
      batch: rows.find(({ imagesPerSecond }) => imagesPerSecond === fastest)!.batch,
      samples: 50,
      notes: [],
    });
    expect(best.milliseconds).toHaveLength(2);
    const cores = availableParallelism();
    if (cores > 1) expect(best.pool).toMatchObject({ engines: cores });
    else expect(best.pool).toBeNull();
    expect(best.auto!.batch).toBeGreaterThan(0);
    for (const spread of [best.auto!.ratio, ...(best.pool ? [best.pool.ratio, best.pool.ceiling] : [])])
      expect(spread.min).toBeGreaterThan(0);
    expect(best.peakBytes).toBeGreaterThan(0);
  }, 120_000);

  it('resumes after the batch sizes that an interrupted run has measured, with as many samples', async () => {
    const known = [1, 2].map((batch) => sweepRow({ network: 'tiny-vgg', batch, imagesPerSecond: batch }));
    const { rows } = await rowsOf(20, session, 'wasm', { known, pool: false });
    expect(rows.slice(0, 2)).toEqual(known);
    expect(rows.slice(2).map(({ benchmark, batch }) => [benchmark, batch])).toEqual([
      ['smooth-grad', 4],
      ['smooth-grad-best', 4],
    ]);
    expect(rows[2]!.samples).toBe(4);
  }, 120_000);

  it('a complete one is not measured again', async () => {
    const known = [sweepRow(), bestRow()];
    const rows: BenchmarkRow[] = [];
    for await (const row of smoothGrad.run({
      rounds: 1,
      seconds: 1,
      backends: ['wasm'],
      networks: ['vgg11-64'],
      python: null,
      golden,
      known,
      onProgress: () => undefined,
    }))
      rows.push(row);
    expect(rows).toEqual(known);
  }, 120_000);

  it('stops when the time is up, with the reason', async () => {
    // A run takes an eightieth of the time or more, on any machine.
    const { rows, told } = await rowsOf(0.02, session, 'wasm', { rounds: 40 });
    expect(rows.map(({ benchmark, batch }) => [benchmark, batch])).toEqual([
      ['smooth-grad', 1],
      ['smooth-grad-best', 1],
    ]);
    expect(told).toMatch(/float64|time is up/);
    expect(rows[1]).toMatchObject({ auto: null, pool: null, notes: [expect.stringContaining('not timed') as string] });
  }, 120_000);

  it('a backend that would take too long is left out, with the reason', async () => {
    const { rows, told } = await rowsOf(0, oracle, 'float64');
    expect(rows).toEqual([]);
    expect(told).toMatch(/left out: one image takes about \d+ s/);
  }, 60_000);
});

const python = process.env['TOUCHSTONE_PYTHON'];

describe.skipIf(python === undefined)('PyTorch (TOUCHSTONE_PYTHON names a Python that has it)', () => {
  it('gives our gradient in either layout, Captum one with its own noise; a bad question does not end it', async () => {
    const pytorch = await PyTorch.start(python!, 'cpu');
    try {
      await pytorch.load(job.networkFolder, 60_000);
      const ask = (name: 'pytorch' | 'channelsLast' | 'captum') => byPyTorch(name, pytorch, job, 60_000);
      const small = { answer: true, job: smallJob(job) };
      const run = { samples: 2, batch: 2 };
      const ours = await bySession('ours', session, job).run(run, small);
      for (const name of ['pytorch', 'channelsLast', 'pytorch'] as const)
        expect(compareTensors((await ask(name).run(run, small)).average!, ours.average!).e2, name).toBeLessThan(1e-5);
      await expect(
        pytorch.time(
          'smooth-grad',
          { shape: [1, 3, 32, 32], x: [1], class: 5, samples: 1, batch: 1, fraction: 0, noise: null, answer: false },
          60_000,
        ),
      ).rejects.toMatchObject({ code: 'port-error', message: expect.stringContaining('RuntimeError') as string });
      if (pytorch.captum !== null) expect((await ask('captum').run(run, small)).average!.shape).toEqual([1, 3, 32, 32]);
      expect(await pytorch.product(64, 60_000)).toBeGreaterThan(0);
    } finally {
      await pytorch.end();
    }
  }, 120_000);
});

it.each([
  { multiplyAddsPerSecond: 2e7, size: 256 },
  { multiplyAddsPerSecond: 3e9, size: 512 },
  { multiplyAddsPerSecond: 2e10, size: 1024 },
  { multiplyAddsPerSecond: 5e11, size: 2048 },
])('matrices of $size for $multiplyAddsPerSecond multiply-adds a second', ({ multiplyAddsPerSecond, size }) => {
  expect(productSize(multiplyAddsPerSecond)).toBe(size);
});

it('shares are multiply-adds against multiply-adds', () => {
  expect(productsPerSecond(100, [2000, 1000, 4000])).toBe(1e6);
  expect(multiplyAddsPerImage(1e9, 4)).toBe(2.25e9);
});

it.each([
  { samples: 8, ours: 8, images: 8 },
  { samples: 1, ours: 1, images: 1 },
  { samples: 1, ours: 8, images: (8 * 1.5) / 8.5 },
])('$samples samples where ours has $ours count as $images', ({ samples, ours, images }) => {
  expect(imagesOf(samples, ours)).toBeCloseTo(images, 12);
});
