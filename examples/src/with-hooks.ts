import type { RemovableHandle } from '@touchstone/network';

/** Runs `run`, then removes the handles that it passed to `keep`, also when it throws. */
export function withHooks<T>(run: (keep: (handle: RemovableHandle) => void) => T): T {
  const kept: RemovableHandle[] = [];
  try {
    return run((handle) => void kept.push(handle));
  } finally {
    for (const handle of kept) handle.remove();
  }
}
