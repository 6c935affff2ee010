import { availableParallelism } from 'node:os';
import type { Backend } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import type { Method } from '@touchstone/methods';

/**
 * How many threads share the work: as asked, else one for each core, where the backend supports workers and the method
 * has something to share.
 * @throws `usage` for more than the backend supports
 */
export function workerCount(asked: number | undefined, backend: Backend, method: Method, images: number): number {
  if (asked === 0)
    throw new TouchstoneError('usage', '--workers 0: must be at least 1', 'Give --workers 1, or leave it out.');
  if (asked !== undefined && asked > 1 && !backend.supportsWorkers)
    throw new TouchstoneError(
      'usage',
      `--workers ${asked}: ${backend.id} does not run in several threads of a process`,
      'Leave --workers out; the backend uses all cores itself.',
    );
  if (!backend.supportsWorkers) return 1;
  const wanted = asked ?? availableParallelism();
  return method.parallelOver === 'samples' ? wanted : method.parallelOver === 'images' ? Math.min(wanted, images) : 1;
}
