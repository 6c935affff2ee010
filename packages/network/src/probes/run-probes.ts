import * as tf from '@tensorflow/tfjs-core';
import { sameBits, TouchstoneError, type HostTensor } from '@touchstone/contract';
import { constant, fromHost, scoped, toHost } from '../layout.js';
import { activations } from './activations.js';
import { convolution } from './convolution.js';
import { functions } from './functions.js';
import { optimisers } from './optimisers.js';
import { pooling } from './pooling.js';
import type { Probe, ProbeAnswer, ProbeInputs } from './probe.js';
import { takeStockGradients, withGradients, type RegisterGradients } from './stock-gradients.js';

/** By the ids of `golden/probes.json`. */
const probes: Readonly<Record<string, Probe>> = {
  ...pooling,
  ...convolution,
  ...functions,
  ...activations,
  ...optimisers,
};

export const probeIds: readonly string[] = Object.keys(probes);

export interface ProbeQuestion {
  readonly id: string;
  /** NCHW */
  readonly inputs: Readonly<Record<string, HostTensor>>;
}

export interface ProbeAnswers {
  readonly id: string;
  readonly stock: ProbeAnswer;
  readonly ours: ProbeAnswer;
}

/**
 * Probes TF.js and this package on the selected backend. `tfjs` is the version that answered. Leaves no tensor and no
 * gradient behind.
 */
export async function runProbes(
  questions: readonly ProbeQuestion[],
  register: RegisterGradients,
): Promise<{ tfjs: string; answers: ProbeAnswers[] }> {
  const gradients = await takeStockGradients(register);
  const answers: ProbeAnswers[] = [];
  for (const { id, inputs } of questions) {
    const probe = Object.hasOwn(probes, id) ? probes[id] : undefined;
    if (!probe)
      throw new TouchstoneError(
        'internal',
        `there is no probe "${id}"`,
        'Build again, so that packages/network and golden/probes.json are of the same version.',
      );
    answers.push({
      id,
      stock: await repeatedAnswerOf((tensors) => withGradients(gradients, () => probe.stock(tensors)), inputs),
      ours: await answerOf(probe.ours, inputs),
    });
  }
  return { tfjs: tf.version_core, answers };
}

/** Runs twice, because some of TF.js's kernels leave part of their result uninitialised. */
async function repeatedAnswerOf(run: Probe['stock'], inputs: ProbeQuestion['inputs']): Promise<ProbeAnswer> {
  const first = await answerOf(run, inputs);
  if (typeof first === 'string') return first;
  const second = await answerOf((tensors) => {
    stainMemory(first.shape);
    return run(tensors);
  }, inputs);
  if (typeof second === 'string' || sameBits(first, second)) return second;
  const repeated = Array.from(first.data, (value, i) => (Object.is(value, second.data[i]) ? value : '?'));
  return `not repeatable: ${repeated.join(' ')}`;
}

/** Fills freed memory of a tensor's size with a number that is no probe's answer. */
function stainMemory(shape: readonly number[]): void {
  const size = shape.reduce((product, n) => product * n, 1);
  tf.dispose(Array.from({ length: 16 }, () => constant(new Float64Array(size).fill(12_345), shape)));
}

async function answerOf(run: Probe['ours'], inputs: ProbeQuestion['inputs']): Promise<ProbeAnswer> {
  try {
    return await scoped(async () =>
      toHost(
        run(Object.fromEntries(Object.entries(inputs).map(([name, host]) => [name, fromHost(host)])) as ProbeInputs),
      ),
    );
  } catch (error) {
    return inWords(error instanceof Error ? error.message : String(error));
  }
}

/** One line, without parts that differ between machines. */
function inWords(message: string): string {
  const [, kernel] = /^Kernel '(\w+)' not registered/.exec(message) ?? [];
  return kernel ? `not registered: ${kernel}` : `throws: ${message.split('\n')[0]!.slice(0, 200)}`;
}
