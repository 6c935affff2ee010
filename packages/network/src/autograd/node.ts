/** The recorded graph: one node per operation, as in PyTorch's autograd. */
import type * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Hooks } from './hooks.js';

/** A gradient; null: none arrives. */
export type Gradient = tf.Tensor | null;

/**
 * Receives the total gradient of a tensor; what it returns replaces it. As in PyTorch, and as there against the
 * declared type, it is null in one case: a tensor hook on an input that a module with backward hooks does not use.
 */
export type TensorHook = (gradient: tf.Tensor) => tf.Tensor | void;

/** The node and output that a tensor is, and to which its gradient flows. */
export interface Edge {
  readonly node: Node;
  readonly index: number;
}

/**
 * Gradients of a node's outputs → of its inputs: new tensors (a clone where nothing changes), null where an input
 * requires none.
 */
export type Backward = (gradOutputs: readonly Gradient[]) => readonly Gradient[];

/** Shared by a tensor and its views. */
export interface Memory {
  /** In the shape of the base tensor. */
  value: tf.Tensor;
  /** Counts changes in place. */
  version: number;
}

interface Settings {
  readonly outputs?: number;
  /** Whether `backward` is called even when no gradient arrived at all. */
  readonly runsWithoutGradients?: boolean;
  /** Memory that must not change until `backward` is called. */
  readonly saved?: readonly Memory[];
}

let nodesMade = 0;
let running: string | null = null;

/** Runs part of the forward pass of the module at `path`; errors about the nodes made in it name that path. */
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
  /** The node with the largest number runs backward first; leaves, which only accumulate, before all others. */
  readonly sequence: number;
  readonly name: string;
  /** Path of the module that made it, null outside of any. */
  readonly #module = running;
  readonly edges: readonly (Edge | null)[];
  readonly outputs: number;
  readonly runsWithoutGradients: boolean;
  /** Index of an output → hooks that see its gradient before `backward`, and may replace it. */
  readonly tensorHooks = new Map<number, Hooks<TensorHook>>();
  /** Hooks that see the gradients of all outputs after those, before `backward`, and may replace them. */
  readonly preHooks = new Hooks<(gradOutputs: readonly Gradient[]) => readonly Gradient[] | void>();
  /** Hooks that see what `backward` returned, and may replace it. */
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

  /** @throws `unsupported` where a tensor it needs was changed in place after the forward pass */
  backward(gradOutputs: readonly Gradient[]): readonly Gradient[] {
    if (this.#saved.some(({ memory, version }) => memory.version !== version)) {
      throw new TouchstoneError(
        'unsupported',
        `a tensor that the gradient of ${this.name} needs was changed in place`,
        'Use the out-of-place function; PyTorch refuses this too.',
      );
    }
    return this.#backward(gradOutputs);
  }

  /** Names the node in errors. */
  get description(): string {
    if (this.edges.length === 0) return `the ${this.name}`;
    return `the output of ${this.name}${this.#module === null ? '' : ` in "${this.#module}"`}`;
  }

  get isObserved(): boolean {
    return this.tensorHooks.size + this.preHooks.size + this.postHooks.size > 0;
  }
}
