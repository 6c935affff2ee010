import type { Backend } from '@touchstone/backends';
import type { Method } from '@touchstone/methods';
import {
  errorOf,
  openSession,
  type Answered,
  type ExplainAnswer,
  type ExplainRequest,
  type NetworkFolder,
  type Session,
} from '@touchstone/session';
import { lock } from '@touchstone/system';
import { withElapsedTime } from './elapsed.js';
import { untilInterrupted } from './interrupt.js';
import { note } from './output.js';
import { firstImage, runWithCheckpoints } from './run-with-checkpoints.js';
import { identityOf, Unfinished } from './unfinished.js';

export interface RunOptions {
  /** What runs, for people. */
  readonly title: string;
  /** The outputs; an interrupted run keeps its state next to the first. */
  readonly files: readonly string[];
  readonly folder: NetworkFolder;
  readonly backend: Backend;
  readonly workers: number;
  /** An image every n steps; 0: none. */
  readonly frames: number;
  /** Ignores the state of an interrupted run. */
  readonly restart?: boolean;
}

/** Writes an answer; where it throws, the state of an iterated method stays. */
type Deliver = (answer: Answered) => Promise<void>;

/**
 * Runs a method in this process or a page, with the time that passed on stderr; an iterated one in this process with
 * progress, frames and checkpoints.
 */
export async function runMethod(
  method: Method,
  request: ExplainRequest,
  options: RunOptions,
  deliver: Deliver,
): Promise<void> {
  const { backend, folder } = options;
  const run = async (signal?: AbortSignal): Promise<void> => {
    const session = await openSession({ backend: backend.id }, { signal });
    try {
      await session.load(folder);
      await runOn(session, method, request, options, deliver, signal);
    } finally {
      await session.close();
    }
  };
  // Ctrl-C ends a computation in this process at once, unless it is listened to.
  return method.iterated || backend.runtimes.includes('page') ? untilInterrupted(run) : run();
}

async function runOn(
  session: Session,
  method: Method,
  request: ExplainRequest,
  { title, files, folder, backend, workers, frames, restart }: RunOptions,
  deliver: Deliver,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isInProcess = session.runtime === 'process';
  if (method.iterated && !isInProcess)
    note(`${backend.id} runs in a page: no progress and no frames, and an interrupted run starts again`);
  if (!method.iterated || !isInProcess || signal === undefined)
    return deliver(answered(await withElapsedTime(title, () => session.explain(request, { workers }))));
  const unfinished = new Unfinished(files[0]!, identityOf(method, request, folder, backend.id));
  const release = lock(`${unfinished.file}.run.lock`, `--out ${files[0]!}`, 'Wait for it, or give another --out.');
  try {
    if (restart) await unfinished.drop();
    const { preprocess } = folder.description;
    return await runWithCheckpoints(
      { method, title, image: firstImage(files), frames, preprocess, fixtures: request.fixtures, unfinished, signal },
      async (control) => answered(await session.explain(request, { control })),
      deliver,
    );
  } finally {
    release();
  }
}

/** @throws TouchstoneError the error in the answer */
function answered(answer: ExplainAnswer): Answered {
  if (answer.kind === 'answered') return answer;
  throw errorOf(answer);
}
