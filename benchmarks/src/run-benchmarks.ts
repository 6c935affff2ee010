import { findBackend } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import type { BenchmarkOptions, BenchmarkRow } from './benchmark.js';
import { benchmarks, findBenchmark } from './registry.js';
import { chosenNetworks } from './smooth-grad/networks.js';

/**
 * Runs the named benchmarks. Without names it runs all, and leaves out those whose backend is not set up, with a
 * message.
 * @throws TouchstoneError `unknown-name`; `usage` where a named benchmark does not support the chosen backends
 */
export async function* runBenchmarks(
  names: readonly string[],
  options: BenchmarkOptions,
): AsyncGenerator<BenchmarkRow> {
  options.backends?.forEach(findBackend);
  chosenNetworks(options.networks);
  const chosen = names.length === 0 ? benchmarks : names.map(findBenchmark);
  if (options.networks !== undefined && !chosen.some(({ takesNetworks }) => takesNetworks))
    throw new TouchstoneError(
      'usage',
      `--network has no effect on ${chosen.map(({ id }) => id).join(', ')}`,
      'Omit --network.',
    );
  for (const { id, title, onlyBackends, run } of chosen) {
    const backends = options.backends?.filter((backend) => onlyBackends?.includes(backend) ?? true);
    if (backends?.length === 0) {
      if (names.length > 0)
        throw new TouchstoneError('usage', `${id} only runs on ${onlyBackends!.join(', ')}`, 'Omit --backend.');
      continue;
    }
    options.signal?.throwIfAborted();
    // Such a benchmark has one row.
    const known = onlyBackends ? options.known.filter(({ benchmark }) => benchmark === id) : [];
    if (known.length > 0) {
      yield* known;
      continue;
    }
    options.onProgress(`${id}: ${title}`);
    try {
      yield* run({ ...options, backends });
    } catch (error) {
      // For a named benchmark this is an error.
      if (names.length > 0 || !(error instanceof TouchstoneError && error.code === 'backend-unavailable')) throw error;
      options.onProgress(`left out: ${error.message}`);
    }
  }
}
