/** The types of a law and of the subject that it tests. */
import type fc from 'fast-check';
import type * as tf from '@tensorflow/tfjs-core';
import type { Stages } from '@touchstone/contract';
import type { Explanation } from '@touchstone/methods';
import type { GradientRules } from '@touchstone/network';

/** What laws test: methods, ReLU rules and resizing on the backend that is open in this process. */
export interface Subject {
  readonly backend: string;
  readonly precision: 'float32' | 'float64';
  /** The same call gives the same bits. */
  readonly deterministic: boolean;
  /** Runs the method of that id; noise that a method does not take is ignored. */
  readonly explain: (method: string, explanation: Explanation) => Promise<Stages>;
  /** The rule of every ReLU. */
  readonly relu: Readonly<Record<'plain' | 'deconv' | 'guided', GradientRules['relu']>>;
  /** Bilinear with half-pixel centres, [N,h,w,C] → [N,...size,C]. */
  readonly resize: (x: tf.Tensor4D, size: readonly [number, number]) => tf.Tensor4D;
}

export interface Law {
  /** Its number in docs/laws.md, such as `L10`. */
  readonly id: string;
  readonly title: string;
  /** The mistakes that break it. */
  readonly why: string;
  /** Rejects with a `Disagreement` where the law does not hold; examples at a switch point fail a precondition. */
  readonly property: (subject: Subject) => fc.IAsyncProperty<[unknown]>;
}
