/** A benchmark for each method of the registry but SmoothGrad, which has a sweep: its first quick case. */
import { TouchstoneError, type CaseRow } from '@touchstone/contract';
import { openGolden, requestFor, verify, type GoldenStore } from '@touchstone/harness';
import { methods as registry } from '@touchstone/methods';
import type { ExplainRequest } from '@touchstone/session';
import type { Benchmark, BenchmarkOptions, MethodRow } from '../benchmark.js';
import { TimedSession } from '../timed-session.js';
import { overBackends } from '../over-backends.js';
import { spreadOf, interleave } from '../rounds.js';
import { versionsOf } from '../versions.js';
import { quickCase } from './quick-case.js';

const deadlineMs = 120_000;
/** V8 compiles for about this long: a method of 2 ms takes 6 at first. */
const warmUpMs = 1000;
/** The shortest round: a quick method is run several times in it. */
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

async function onBackend(method: string, backend: string, options: BenchmarkOptions): Promise<MethodRow> {
  const { signal, onProgress } = options;
  const golden = openGolden(options.golden);
  const row = quickCase(golden.cases, method);
  const session = await TimedSession.open(backend, { deadlineMs, signal });
  try {
    await assertPasses(golden, row, backend, signal);
    const request = requestFor(row, golden.readCase(row));
    const measured = await measure(session, request, options);
    const { median } = spreadOf(measured.milliseconds);
    const batch = request.x.shape[0]!;
    onProgress(`${backend}: ${median.toFixed(1)} ms`);
    return {
      kind: 'method',
      benchmark: method,
      network: row.network,
      backend,
      batch,
      imagesPerSecond: (batch * 1000) / median,
      ...measured,
      software: session.software,
      verified: `${row.id} passes`,
      notes: ['a single case, without stock TF.js and PyTorch'],
      versions: versionsOf(session.device),
    };
  } finally {
    await session.close();
  }
}

async function assertPasses(
  golden: GoldenStore,
  row: CaseRow,
  backend: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { outcomes } = await verify({ golden, cases: [row], backends: [backend], signal });
  const [outcome] = outcomes;
  if (outcome?.status !== 'passed')
    throw new TouchstoneError(
      'internal',
      `${row.id} does not pass verify on ${backend}, so it is not timed: ${outcome?.reason ?? 'no outcome'}`,
      `Run npx touchstone verify --case ${row.id} --backend ${backend}.`,
    );
}

/** A quick method runs several times in a round; the times are means over these runs. */
async function measure(
  session: TimedSession,
  request: ExplainRequest,
  { rounds, signal }: BenchmarkOptions,
): Promise<Pick<MethodRow, 'milliseconds' | 'processorMilliseconds' | 'peakBytes' | 'firstRunMs'>> {
  const first = await session.time(request, 'ours');
  const runsPerRound = Math.max(1, Math.ceil(minRoundMs / (await warmUp(session, request))));
  let peakBytes: number | null = null;
  const processor: (number | null)[] = [];
  const round = async (): Promise<number> => {
    let sum = 0;
    let used: number | null = 0;
    for (let run = 0; run < runsPerRound; run++) {
      const timed = await session.time(request, 'ours');
      sum += timed.milliseconds;
      used = used === null || timed.processorMilliseconds === null ? null : used + timed.processorMilliseconds;
      if (timed.peakBytes !== null) peakBytes = Math.max(peakBytes ?? 0, timed.peakBytes);
    }
    processor.push(used === null ? null : used / runsPerRound);
    return sum / runsPerRound;
  };
  return {
    milliseconds: (await interleave([round], { rounds, signal })).map(([time]) => time!),
    processorMilliseconds: processor.every((time) => time !== null) ? processor : null,
    peakBytes,
    firstRunMs: first.milliseconds,
  };
}

/** @returns milliseconds of the last run */
async function warmUp(session: TimedSession, request: ExplainRequest): Promise<number> {
  const start = performance.now();
  for (;;) {
    const { milliseconds } = await session.time(request, 'ours');
    if (performance.now() - start >= warmUpMs) return milliseconds;
  }
}

export const methodBenchmarks: readonly Benchmark[] = registry
  .filter(({ id }) => id !== 'smooth-grad')
  .map(({ id }) => methodBenchmark(id));
