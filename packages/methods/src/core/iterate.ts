/** The loop of the iterated methods. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type Stages } from '@touchstone/contract';
import { fromHost, pytorchRules, toHost, type Network } from '@touchstone/network';
import type { RunControl } from './method.js';

/** What changes from step to step, NHWC where 4-D. */
export type State = Record<string, tf.Tensor>;

export interface Iteration<S extends State> {
  readonly network: Network;
  /** The most steps. */
  readonly steps: number;
  /** Before the first step; owned by the loop. */
  readonly start: S;
  /** Step `index` (0, 1, …): from `state` to the next state, in new tensors. Runs in a tidy scope. */
  readonly step: (state: S, index: number) => S;
  /** Called before every step. */
  readonly isDone?: (state: S, index: number) => Promise<boolean>;
  /** How many steps are compared number by number. Only in these are switch points recorded or replayed. */
  readonly compared: number;
  /** Receives the state after each compared step, number 1, 2, …; may keep clones of it. */
  readonly onCompared: (state: S, number: number) => void;
  /** The tensor of the state that is the image. */
  readonly image: keyof S & string;
  /** The value of the objective, for people; called only if `RunControl.onStep` is set. */
  readonly text: (state: S) => Promise<string>;
}

/** The state after the last step, owned by the caller's scope, and the number of steps. */
export async function iterate<S extends State>(
  iteration: Iteration<S>,
  control: RunControl = {},
): Promise<{ readonly state: S; readonly taken: number }> {
  const { network, steps, compared, isDone } = iteration;
  let state = iteration.start;
  let taken = 0;
  const advance = (): void => {
    const next = tf.tidy(() => iteration.step(state, taken));
    tf.dispose(Object.values(state));
    state = next;
    taken++;
  };
  const isOver = async (): Promise<boolean> => taken >= steps || ((await isDone?.(state, taken)) ?? false);
  const report = async (): Promise<void> => {
    if (!control.onStep) return;
    const now = state;
    await control.onStep({
      step: taken,
      steps,
      text: await iteration.text(now),
      frame: () => toHost(now[iteration.image]!),
      state: () => toPlainMemory(now),
    });
  };

  for (let number = 1; number <= compared; number++) {
    if (!(await isOver())) {
      advance();
      if (!control.from || taken > control.from.step) await report();
    }
    iteration.onCompared(state, number);
  }
  if (control.comparedOnly) return { state, taken };
  if (control.from && control.from.step > taken) {
    const { start, resumed } = { start: state, resumed: resumedState(control.from.state, state) };
    tf.dispose(Object.values(start));
    state = resumed;
    taken = control.from.step;
  }
  // Rules that record or replay end here.
  await network.withRules(pytorchRules, async () => {
    while (!(await isOver())) {
      advance();
      await report();
    }
  });
  return { state, taken };
}

async function toPlainMemory(state: State): Promise<Stages> {
  const plain: Stages = {};
  for (const [name, tensor] of Object.entries(state)) plain[name] = await toHost(tensor);
  return plain;
}

function resumedState<S extends State>(stored: Stages, like: S): S {
  const tensors = Object.keys(like).map((name) => {
    const tensor = Object.hasOwn(stored, name) ? stored[name] : undefined;
    if (!tensor) throw new TouchstoneError('bad-input', `the stored state has no "${name}"`, 'Start again without it.');
    return [name, fromHost(tensor)] as const;
  });
  return Object.fromEntries(tensors) as S;
}
