/** SmoothGrad's images per second against its batch size: ours, stock TF.js, PyTorch and Captum in turn. */
import { availableParallelism } from 'node:os';
import type { Backend } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import { findMethod } from '@touchstone/methods';
import type { ExplainRequest } from '@touchstone/session';
import type { Benchmark, BenchmarkOptions, BenchmarkRow } from '../benchmark.js';
import { noiseImages } from '../conv-gradient/vgg.js';
import { TimedSession } from '../timed-session.js';
import { collectErrors, overBackends } from '../over-backends.js';
import { chosenNetworks, type BenchmarkNetwork } from './networks.js';
import { PyTorch } from '../pytorch.js';
import { deadlineMs } from './entrants.js';
import { sweep } from './sweep.js';

export const smoothGrad: Benchmark = {
  id: 'smooth-grad',
  takesNetworks: true,
  title:
    "SmoothGrad's images per second against its batch size, ours, stock TF.js, PyTorch and Captum in turn " +
    `(${availableParallelism()} cores)`,
  run: (options) =>
    collectErrors(chosenNetworks(options.networks), options.signal, async function* (network) {
      const oracle = await TimedSession.open('float64', { deadlineMs, signal: options.signal });
      try {
        yield* overBackends(options, (backend) => onBackend(network, backend, oracle, options));
      } finally {
        await oracle.close();
      }
    }),
};

async function* onBackend(
  network: BenchmarkNetwork,
  backend: Backend,
  oracle: TimedSession,
  options: BenchmarkOptions,
): AsyncGenerator<BenchmarkRow> {
  const { signal } = options;
  const known = options.known.filter((row) => row.network === network.id && row.backend === backend.id);
  const swept = known.filter((row) => row.kind === 'sweep');
  const best = known.find(({ kind }) => kind === 'best');
  if (best !== undefined) return yield* [...swept, best];
  const tell = (message: string): void => options.onProgress(`${network.id} on ${backend.id}: ${message}`);
  const sessions: TimedSession[] = [];
  const open = async (): Promise<TimedSession> => {
    const session = await TimedSession.open(backend.id, { deadlineMs, signal });
    sessions.push(session);
    return session;
  };
  let pytorch: PyTorch | null = null;
  try {
    // In two child processes, so that each one's memory is measured alone.
    const [ours, stock] = [await open(), await open()];
    pytorch = options.python === null ? null : await startPyTorch(options.python, backend, tell);
    yield* sweep({
      network,
      backend,
      job: jobOn(network, options.golden),
      ours,
      stock,
      pytorch,
      oracle,
      known: swept,
      options,
      tell,
    });
  } finally {
    for (const session of sessions) await session.close();
    await pytorch?.end();
  }
}

export function jobOn({ size, folder }: BenchmarkNetwork, golden: string): ExplainRequest {
  const params = findMethod('smooth-grad').params.parse({}) as Record<string, unknown>;
  return {
    method: 'smooth-grad',
    networkFolder: folder(golden),
    x: noiseImages(1, size),
    target: { class: 5 },
    params,
    fixtures: {},
    maxValues: 100 * 3 * size * size,
  };
}

async function startPyTorch(
  python: string,
  { pytorchDevice = 'cpu' }: Backend,
  tell: (message: string) => void,
): Promise<PyTorch | null> {
  try {
    const pytorch = await PyTorch.start(python, pytorchDevice);
    tell(`PyTorch ${pytorch.torch} on ${pytorch.device}`);
    return pytorch;
  } catch (error) {
    if (!(error instanceof TouchstoneError)) throw error;
    tell(`without PyTorch: ${error.message}`);
    return null;
  }
}
