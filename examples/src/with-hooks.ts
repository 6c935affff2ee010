import type { RemovableHandle } from '@touchstone/network';

/** Runs `run`; removes the handles that it gave to `keep`, also when something throws. */
export function withHooks<T>(run: (keep: (handle: RemovableHandle) => void) => T): T {
  const kept: RemovableHandle[] = [];
  try {
    return run((handle) => void kept.push(handle));
  } finally {
    for (const handle of kept) handle.remove();
  }
}
