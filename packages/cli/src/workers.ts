import { availableParallelism } from 'node:os';
import type { Backend } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import type { Method } from '@touchstone/methods';
import { refuseZero } from './options.js';

/** Each has an engine and a network of its own. */
const maxWorkers = Math.max(64, availableParallelism());

/**
 * The size of the worker pool: as asked, else one per core where the backend supports workers and the method has
 * parallel work. @throws `usage` where the backend has no workers
 */
export function workerCount(asked: number | undefined, backend: Backend, method: Method, images: number): number {
  refuseZero('--workers', asked, 1);
  if (asked !== undefined && asked > maxWorkers)
    throw new TouchstoneError(
      'usage',
      `--workers ${asked}: must be at most ${maxWorkers}`,
      'Omit --workers for one per core: more are not faster.',
    );
  if (asked !== undefined && asked > 1 && !backend.supportsWorkers)
    throw new TouchstoneError(
      'usage',
      `--workers ${asked}: the backend ${backend.id} does not support worker threads`,
      'Omit --workers; the backend uses all cores itself.',
    );
  if (!backend.supportsWorkers) return 1;
  const wanted = asked ?? availableParallelism();
  return method.parallelOver === 'samples' ? wanted : method.parallelOver === 'images' ? Math.min(wanted, images) : 1;
}
