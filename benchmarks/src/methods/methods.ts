/** Every method but SmoothGrad, which has its sweep: its first quick case, on every backend. The registry drives it. */
import { TouchstoneError } from '@touchstone/contract';
import { openGolden, requestFor, verify } from '@touchstone/harness';
import { methods as registry } from '@touchstone/methods';
import type { Benchmark, BenchmarkOptions, MethodRow } from '../benchmark.js';
import { TimedSession } from '../timed-session.js';
import { overBackends } from '../over-backends.js';
import { spreadOf, interleave } from '../rounds.js';
import { versionsOf } from '../versions.js';
import { quickCase } from './quick-case.js';

const deadlineMs = 120_000;
/** So long V8 compiles: a method of 2 ms takes 6 at first. */
const warmUpMs = 1000;
/** A round is at least so long, so that a quick method is run several times in it. */
const minRoundMs = 50;

/** @param id of the method; the benchmark has the same */
function methodBenchmark(id: string): Benchmark {
  return {
    id,
    title: `${id} on its first quick case`,
    run: (options) =>
      overBackends(options, async function* (backend) {
        yield (
          options.known.find((row) => row.benchmark === id && row.backend === backend.id) ??
          (await onBackend(id, backend.id, options))
        );
      }),
  };
}

async function onBackend(
  method: string,
  backend: string,
  { golden: folder, rounds, signal, onProgress }: BenchmarkOptions,
): Promise<MethodRow> {
  const golden = openGolden(folder);
  const row = quickCase(golden.cases, method);
  const session = await TimedSession.open(backend, { deadlineMs, signal });
  try {
    const {
      outcomes: [outcome],
    } = await verify({ golden, cases: [row], backends: [backend], signal });
    if (outcome?.status !== 'passed')
      throw new TouchstoneError(
        'internal',
        `${row.id} does not pass verify on ${backend}, so it is not timed: ${outcome?.reason ?? 'no outcome'}`,
        `npx touchstone verify --case ${row.id} --backend ${backend}`,
      );
    const request = requestFor(row, golden.readCase(row));
    const first = await session.time(request, 'ours');
    let warm: number;
    const start = performance.now();
    do warm = (await session.time(request, 'ours')).milliseconds;
    while (performance.now() - start < warmUpMs);
    const turns = Math.max(1, Math.ceil(minRoundMs / warm));
    let peakBytes: number | null = null;
    const processor: (number | null)[] = [];
    const round = async (): Promise<number> => {
      let sum = 0;
      let used: number | null = 0;
      for (let turn = 0; turn < turns; turn++) {
        const timed = await session.time(request, 'ours');
        sum += timed.milliseconds;
        used = used === null || timed.processorMilliseconds === null ? null : used + timed.processorMilliseconds;
        if (timed.peakBytes !== null) peakBytes = Math.max(peakBytes ?? 0, timed.peakBytes);
      }
      processor.push(used === null ? null : used / turns);
      return sum / turns;
    };
    const milliseconds = (await interleave([round], { rounds, signal })).map(([time]) => time!);
    const batch = request.x.shape[0]!;
    onProgress(`${backend}: ${spreadOf(milliseconds).median.toFixed(1)} ms`);
    return {
      kind: 'method',
      benchmark: method,
      network: row.network,
      backend,
      batch,
      imagesPerSecond: (batch * 1000) / spreadOf(milliseconds).median,
      milliseconds,
      processorMilliseconds: processor.every((time) => time !== null) ? processor : null,
      peakBytes,
      software: session.software,
      firstRunMs: first.milliseconds,
      verified: `${row.id} passes`,
      notes: ['one method, one case: nothing to compare with'],
      versions: versionsOf(session.device),
    };
  } finally {
    await session.close();
  }
}

export const methodBenchmarks: readonly Benchmark[] = registry
  .filter(({ id }) => id !== 'smooth-grad')
  .map(({ id }) => methodBenchmark(id));
