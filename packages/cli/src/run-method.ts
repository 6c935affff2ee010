import type { Backend } from '@touchstone/backends';
import { explain, type Explained, type Explanation, type ExplainOptions, type Method } from '@touchstone/methods';
import type { NetworkFolder } from '@touchstone/session';
import { withElapsedTime } from './elapsed.js';
import { untilInterrupted } from './interrupt.js';
import { firstImage, runWithCheckpoints } from './run-with-checkpoints.js';
import { identityOf, Unfinished } from './unfinished.js';
import { withWorkers } from './workers.js';

export interface RunOptions {
  /** For people: what runs. */
  readonly title: string;
  /** The outputs; an interrupted run keeps its state next to the first. */
  readonly files: readonly string[];
  readonly folder: NetworkFolder;
  readonly backend: Backend;
  readonly workers: number;
  /** An image every so many steps; 0: none. */
  readonly frames: number;
  /** Ignores the state of an interrupted run. */
  readonly restart?: boolean;
}

/** Runs a method in this process, with the time that passed on stderr; an iterated one with progress, frames and checkpoints. */
export async function runMethod(
  method: Method,
  explanation: Explanation,
  wanted: ExplainOptions,
  { title, files, folder, backend, workers, frames, restart }: RunOptions,
): Promise<Explained> {
  if (!method.iterated)
    return withElapsedTime(title, () =>
      withWorkers(workers, backend, folder, (pool) =>
        explain(method, { ...explanation, ...(pool && { pool }) }, wanted),
      ),
    );
  const unfinished = new Unfinished(files[0]!, identityOf(method, explanation, folder, backend.id));
  if (restart) await unfinished.drop();
  return untilInterrupted((signal) =>
    runWithCheckpoints(
      {
        method,
        title,
        image: firstImage(files),
        frames,
        preprocess: folder.description.preprocess,
        fixtures: explanation.fixtures,
        unfinished,
        signal,
      },
      (control) => explain(method, { ...explanation, control }, wanted),
    ),
  );
}
