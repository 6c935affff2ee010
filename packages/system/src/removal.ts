import { rmSync } from 'node:fs';

/** Options of `rm` for a folder of temporary files, in which a browser may still write until it ends. */
export const removal = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const;

/** At the end of a process, where more is still to be done: both the parent and the child remove the folder. */
export function removeQuietly(folder: string): void {
  try {
    rmSync(folder, removal);
  } catch {
    // The other one removes it as well.
  }
}
