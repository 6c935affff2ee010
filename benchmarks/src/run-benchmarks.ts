import { findBackend } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import type { BenchmarkOptions, BenchmarkRow } from './benchmark.js';
import { benchmarks, findBenchmark } from './registry.js';

/**
 * The rows of the named benchmarks as they come; without names of all, where those whose backend is not set up
 * are left out, with a word.
 * @throws TouchstoneError `unknown-name`; `usage` where a benchmark does not know the backends that are asked for
 */
export async function* runBenchmarks(
  names: readonly string[],
  options: BenchmarkOptions,
): AsyncGenerator<BenchmarkRow> {
  options.backends?.forEach(findBackend);
  const chosen = names.length === 0 ? benchmarks : names.map(findBenchmark);
  for (const { id, title, onlyBackends, run } of chosen) {
    const backends = options.backends?.filter((backend) => onlyBackends?.includes(backend) ?? true);
    if (backends?.length === 0) {
      if (names.length > 0)
        throw new TouchstoneError('usage', `${id} runs on ${onlyBackends!.join(', ')} only`, 'Leave --backend out.');
      continue;
    }
    options.signal?.throwIfAborted();
    // On one backend a benchmark has one row.
    const known = onlyBackends ? options.known.filter(({ benchmark }) => benchmark === id) : [];
    if (known.length > 0) {
      yield* known;
      continue;
    }
    options.onProgress(`${id}: ${title}`);
    try {
      yield* run({ ...options, backends });
    } catch (error) {
      // Asked for by name it is an error.
      if (names.length > 0 || !(error instanceof TouchstoneError && error.code === 'backend-unavailable')) throw error;
      options.onProgress(`left out: ${error.message}`);
    }
  }
}
