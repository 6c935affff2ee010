import { backends, type Backend } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import type { BenchmarkOptions, BenchmarkRow } from './benchmark.js';

/** The rows of every item. After a TouchstoneError the other items are still measured; then the first one is thrown. */
export async function* collectErrors<T>(
  items: readonly T[],
  signal: AbortSignal | undefined,
  run: (item: T) => AsyncIterable<BenchmarkRow>,
): AsyncGenerator<BenchmarkRow> {
  const faults: TouchstoneError[] = [];
  for (const item of items) {
    try {
      yield* run(item);
    } catch (error) {
      if (signal?.aborted || !(error instanceof TouchstoneError)) throw error;
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0]!;
}

/** The rows on every chosen backend, by default on all available. A chosen one that is unavailable is an error. */
export function overBackends(
  { backends: asked, signal, onProgress }: BenchmarkOptions,
  run: (backend: Backend) => AsyncIterable<BenchmarkRow>,
): AsyncGenerator<BenchmarkRow> {
  const meant = backends.filter(({ id }) => asked?.includes(id) ?? true);
  return collectErrors(meant, signal, async function* (backend) {
    try {
      yield* run(backend);
    } catch (error) {
      if (signal?.aborted || !(error instanceof TouchstoneError)) throw error;
      onProgress(`${backend.id} left out: ${error.message}`);
      if (error.code !== 'backend-unavailable' || asked !== undefined) throw error;
    }
  });
}
