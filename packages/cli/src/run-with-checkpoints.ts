import { setImmediate } from 'node:timers/promises';
import type { HostTensor, Preprocess } from '@touchstone/contract';
import type { RunControl, Method, Progress } from '@touchstone/methods';
import { duration, progressOn } from '@touchstone/report';
import { imagesOf, writePng } from '@touchstone/images';
import { note } from './output.js';
import { isImage, withSuffix } from './outputs.js';
import type { Unfinished } from './unfinished.js';

/** Time between two checkpoints: a crash loses no more. */
const EVERY_MS = 5000;

export interface CheckpointOptions {
  readonly method: Method;
  readonly title: string;
  /** The image next to which the frames are written; undefined: no frames. */
  readonly image: string | undefined;
  /** A frame every n steps; 0: none. */
  readonly frames: number;
  readonly preprocess: Preprocess | undefined;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
  readonly unfinished: Unfinished;
  readonly signal: AbortSignal;
}

/**
 * Runs an iterated method with progress and frames. An interrupted run leaves its state, and the next run resumes from
 * it; so does one whose answer cannot be delivered.
 */
export async function runWithCheckpoints<T>(
  options: CheckpointOptions,
  run: (control: RunControl) => Promise<T>,
  deliver: (answer: T) => Promise<void>,
): Promise<void> {
  const { unfinished, title, signal } = options;
  const from = unfinished.read();
  if (from) note(`resuming after step ${from.step}, from ${unfinished.file}`);
  const progress = progressOn(process.stderr);
  const started = performance.now();
  let saved = started;
  const save = async ({ step, state }: Progress): Promise<void> => {
    await unfinished.write({ step, state: await state() });
    saved = performance.now();
  };
  let result = '';
  const onStep = async (done: Progress): Promise<void> => {
    const { step, steps, text } = done;
    result = text;
    const each = (performance.now() - started) / (step - (from?.step ?? 0));
    progress.update(step, steps, `${title}: ${text}, ${duration(each * (steps - step))} left at most`);
    if (step < steps) await frameOf(options, done);
    await setImmediate(); // signals arrive between two turns of the event loop
    if (signal.aborted && step < steps) {
      await save(done);
      progress.end();
      note(`stopped after step ${step}; the same command resumes from there (${unfinished.file})`);
      throw signal.reason;
    }
    if (performance.now() - saved > EVERY_MS) await save(done);
  };
  try {
    const answer = await run({ ...(from && { from }), onStep });
    progress.end();
    if (result !== '') note(`${title}: ${result}`);
    await deliver(answer);
    await unfinished.drop();
  } finally {
    progress.end();
  }
}

/** FILE.step-025.png */
async function frameOf(
  { method, image, frames, preprocess, fixtures }: CheckpointOptions,
  { step, steps, frame }: Progress,
): Promise<void> {
  if (image === undefined || frames === 0 || step % frames !== 0) return;
  const shown = await frame();
  const style = method.image === 'scatter' ? 'scatter' : 'pixels';
  const [first] = await imagesOf(style, { stages: { attribution: shown }, x: shown, fixtures, preprocess });
  if (first) await writePng(withSuffix(image, `step-${String(step).padStart(String(steps).length, '0')}`), first.image);
}

/** The output next to which frames are written. */
export function firstImage(files: readonly string[]): string | undefined {
  return files.find(isImage);
}
