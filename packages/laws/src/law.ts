/** The types of a law and of the subject that it tests. */
import type fc from 'fast-check';
import type * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, Stages, Target } from '@touchstone/contract';
import type { RunControl } from '@touchstone/methods';
import type { GradientRules, Network } from '@touchstone/network';
import type { GeneratedNetwork } from './arbitraries/build-network.js';

export interface Request {
  readonly x: HostTensor;
  readonly target: Target;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly noise?: HostTensor;
  readonly fixtures?: Readonly<Record<string, HostTensor>>;
  readonly control?: RunControl;
}

/** A generated network, as a subject holds it. */
export interface Loaded {
  readonly generated: GeneratedNetwork;
  /** Its modules; null: a port's are not visible. */
  readonly network: Network | null;
  dispose(): void;
}

/** The parts of our own implementation that laws test alone. */
export interface Inside {
  /** The rule of every ReLU. */
  readonly relu: Readonly<Record<'plain' | 'deconv' | 'guided', GradientRules['relu']>>;
  /** Bilinear with half-pixel centres, [N,h,w,C] → [N,...size,C]. */
  readonly resize: (x: tf.Tensor4D, size: readonly [number, number]) => tf.Tensor4D;
}

/** What laws test: our methods on the backend that is open in this process, or a port. */
export interface Subject {
  /** The id of the backend, or the name of the port. */
  readonly name: string;
  readonly precision: 'float32' | 'float64';
  /** The same call gives the same bits. */
  readonly deterministic: boolean;
  /** null: a port, which answers requests only. */
  readonly inside: Inside | null;
  load(generated: GeneratedNetwork): Loaded;
  /**
   * Runs the method of that id; noise that a method does not take is ignored.
   *
   * @throws Unanswered where a port says that it cannot
   */
  explain(method: string, loaded: Loaded, request: Request): Promise<Stages>;
}

/** Thrown where a subject does not answer a request, which breaks no law. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** What is counted, and asked, while a law is tested. */
export interface Course {
  /** Before each example; false: it is left out, because the run is interrupted. */
  proceed(): Promise<boolean>;
  /** The law was tested on an example. */
  judged(): void;
  /** The subject did not answer. */
  unanswered(reason: string): void;
  failed(): void;
}

export interface Law {
  /** Its number in docs/laws.md, such as `L10`. */
  readonly id: string;
  readonly title: string;
  /** The mistakes that break it. */
  readonly why: string;
  /** What it needs of a subject in addition to answers, such as "hooks on modules": no port has it. */
  readonly needs?: string;
  /** Rejects with a `Disagreement` where the law does not hold; examples at a switch point fail a precondition. */
  readonly property: (subject: Subject, course: Course) => fc.IAsyncProperty<[unknown]>;
}
