import { rmSync } from 'node:fs';

/** Options of `rm` for a folder of temporary files, in which a browser may still write until it ends. */
export const removal = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const;

/**
 * At the end of a process, where more is still to be done: both the parent and the child remove the folder, and so may
 * an unfinished `rm` of this process. What disappears meanwhile, which `force` does not cover, is tried again.
 */
export function removeQuietly(folder: string): void {
  for (let attempt = 0; attempt < 10; attempt++) {
    try {
      return rmSync(folder, removal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return;
    }
  }
}
