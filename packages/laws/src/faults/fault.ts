/** Ways of breaking our own methods, to see which laws notice. */
import * as tf from '@tensorflow/tfjs-core';
import { explain, findMethod, type Method } from '@touchstone/methods';
import { constant } from '@touchstone/network';
import type { OwnMethods } from '../own-subject.js';

/** The right methods with one known fault: a mutant of the registry, or one that only laws can see. */
export interface Fault {
  readonly id: string;
  /** The fault, in words. */
  readonly fault: string;
  /** Ids of the methods that it changes; empty: parts that laws test alone. */
  readonly of: readonly string[];
  readonly spoil: (right: OwnMethods) => OwnMethods;
}

type Run = Method['run'];

/** The methods with these ids, with another `run`. */
export function running(id: string, fault: string, of: readonly string[], changed: (right: Run) => Run): Fault {
  return {
    id,
    fault,
    of,
    spoil: (right) => ({
      ...right,
      explain: async (method, explanation) => {
        if (!of.includes(method)) return right.explain(method, explanation);
        const found = findMethod(method);
        return (await explain({ ...found, run: changed(found.run) }, explanation)).stages;
      },
    }),
  };
}

/** @param variant every variant has its own type of parameters; `explain` parses them */
export function using(id: string, fault: string, variant: unknown): Fault {
  const { id: method, run } = variant as Method;
  return running(id, fault, [method], () => run);
}

/** The stage `gradient` of the methods, changed. */
export function gradient(
  id: string,
  fault: string,
  of: readonly string[],
  spoil: (gradient: tf.Tensor, x: tf.Tensor4D) => tf.Tensor,
): Fault {
  return running(id, fault, of, (right) => async (job) => {
    const stages = await right(job);
    return { ...stages, gradient: spoil(stages['gradient']!, job.x) };
  });
}

/** SmoothGrad's stage `average`, changed; with its kind and the number of samples. */
export function average(
  id: string,
  fault: string,
  spoil: (average: tf.Tensor, kind: string, count: number) => tf.Tensor,
): Fault {
  return running(id, fault, ['smooth-grad'], (right) => async (job) => {
    const { average: kind, samples } = job.params as { average: string; samples: number };
    const stages = await right(job);
    return { ...stages, average: spoil(stages['average']!, kind, samples) };
  });
}

export function times(tensor: tf.Tensor, factor: number): tf.Tensor {
  return tf.mul(tensor, constant([factor], []));
}
