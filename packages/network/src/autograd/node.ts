/** The recorded graph: one node per operation, as in PyTorch's autograd. */
import type * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Hooks } from './hooks.js';

/** A gradient, or null where none arrives. */
export type Gradient = tf.Tensor | null;

/**
 * Sees the total gradient of a tensor; what it returns replaces it. As in PyTorch, and as there against the declared
 * type, it is null in one corner: a tensor hook on an input that a module with backward hooks does not use.
 */
export type TensorHook = (gradient: tf.Tensor) => tf.Tensor | void;

/** Which output of which node a tensor is: where its gradient flows to. */
export interface Edge {
  readonly node: Node;
  readonly index: number;
}

/** Gradients of a node's outputs → of its inputs: new tensors (a clone where nothing changes), null where an input requires none. */
export type Backward = (gradOutputs: readonly Gradient[]) => readonly Gradient[];

/** What tensors share that share their values: a tensor, its views, and whatever else stands for it. */
export interface Memory {
  /** Of the tensor that was there first. */
  value: tf.Tensor;
  /** Counts changes in place. */
  version: number;
}

interface Settings {
  readonly outputs?: number;
  /** Whether `backward` is run although no gradient arrived at all. */
  readonly runsWithoutGradients?: boolean;
  /** What `backward` needs unchanged. */
  readonly saved?: readonly Memory[];
}

let nodesMade = 0;
let running: string | null = null;

/** Runs part of a module's forward pass: the nodes made meanwhile say so in errors. */
export function inModule<T>(path: string, run: () => T): T {
  const before = running;
  running = path;
  try {
    return run();
  } finally {
    running = before;
  }
}

export class Node {
  /** Later operations run backward first; leaves, which only accumulate, as soon as they are ready. */
  readonly sequence: number;
  readonly name: string;
  /** Path of the module that made it, null outside of any. */
  readonly #module = running;
  readonly edges: readonly (Edge | null)[];
  readonly outputs: number;
  readonly runsWithoutGradients: boolean;
  /** On single outputs; they see the gradient before `backward`, and may replace it. */
  readonly tensorHooks = new Map<number, Hooks<TensorHook>>();
  /** See what `backward` gave, and may replace it. */
  readonly postHooks = new Hooks<(gradInputs: readonly Gradient[]) => readonly Gradient[] | void>();
  readonly #backward: Backward;
  readonly #saved: readonly { readonly memory: Memory; readonly version: number }[];

  constructor(
    name: string,
    edges: readonly (Edge | null)[],
    backward: Backward,
    { outputs = 1, runsWithoutGradients = false, saved = [] }: Settings = {},
  ) {
    this.name = name;
    this.edges = edges;
    this.outputs = outputs;
    this.runsWithoutGradients = runsWithoutGradients;
    this.sequence = edges.length === 0 ? Infinity : nodesMade++;
    this.#backward = backward;
    this.#saved = saved.map((memory) => ({ memory, version: memory.version }));
  }

  /** @throws `unsupported` where something it needs was changed in place since */
  backward(gradOutputs: readonly Gradient[]): readonly Gradient[] {
    if (this.#saved.some(({ memory, version }) => memory.version !== version)) {
      throw new TouchstoneError(
        'unsupported',
        `a tensor that the gradient of ${this.name} needs was changed in place`,
        'PyTorch refuses this too; use the out-of-place function.',
      );
    }
    return this.#backward(gradOutputs);
  }

  /** For errors. */
  get description(): string {
    if (this.edges.length === 0) return `the ${this.name}`;
    return `the output of ${this.name}${this.#module === null ? '' : ` in "${this.#module}"`}`;
  }

  get isObserved(): boolean {
    return this.tensorHooks.size + this.postHooks.size > 0;
  }
}
