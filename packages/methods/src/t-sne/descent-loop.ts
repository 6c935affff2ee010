/** The whole descent: explores with P exaggerated, then settles, and ends by the schedule. */
import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '@touchstone/network';
import { iterate } from '../core/iterate.js';
import type { RunControl } from '../core/method.js';
import { atRest, divergenceOf, gradientOf, moved, type Affinities, type DescentSteps, type Motion } from './descent.js';
import {
  restart,
  hasSettled,
  unchanged,
  checked,
  checkEvery,
  momentum,
  settlingSince,
  statusOf,
  initial,
  type Status,
} from './schedule.js';

interface State extends Motion, Status, Record<string, tf.Tensor> {}

export interface Descent {
  readonly network: Network;
  readonly start: tf.Tensor2D;
  readonly P: Affinities;
  readonly rate: number;
  readonly params: { readonly steps: number; readonly compare: number; readonly exaggeration: number };
  readonly steps: DescentSteps;
  readonly control?: RunControl | undefined;
}

/** The last embedding [N,2], and the first ones as stages `embedding-1`, `embedding-2`, … */
export async function descend(
  descent: Descent,
): Promise<{ readonly embedding: tf.Tensor2D; readonly compared: Record<string, tf.Tensor> }> {
  const { network, start, params, control } = descent;
  const compared: Record<string, tf.Tensor> = {};
  let since = -1;
  const { state } = await iterate<State>(
    {
      network,
      steps: params.steps,
      start: { ...atRest(start), ...statusOf(initial) },
      isDone: async (now, index) => {
        since = await settlingSince(now, index);
        return since >= 0 && since < index && index % checkEvery === 0 && (await hasSettled(now, index));
      },
      step: (before, index) => nextState(descent, before, index, since),
      compared: params.compare,
      onCompared: ({ embedding }, number) => void (compared[`embedding-${number}`] = embedding.clone()),
      image: 'embedding',
      text: async ({ divergence: last }) => {
        const [kl] = await last.data();
        return kl! < 0 ? '' : `KL ${Number(kl!.toPrecision(4))}`;
      },
    },
    control,
  );
  return { embedding: state.embedding, compared };
}

/** After step `index`. `since` is the first step of settling; below 0: it has not begun. */
function nextState({ P, rate, params, steps }: Descent, before: State, index: number, since: number): State {
  const settles = since >= 0;
  const from = since === index ? { ...before, ...restart(before.embedding, index) } : before;
  const gradient = gradientOf(from.embedding, P, settles ? 1 : params.exaggeration, steps);
  const { norm, ...motion } = moved(from, gradient, settles ? momentum.settling : momentum.exploring, rate, steps);
  const checks = (index + 1) % checkEvery === 0;
  return {
    ...motion,
    ...(checks ? checked(divergenceOf(from.embedding, P, steps), norm, from, index) : unchanged(from)),
  };
}
