/**
 * Reverse-mode differentiation with PyTorch's graph: a tape of nodes, run from the latest to the earliest.
 * TF.js's own gradients are not used; see docs/adr/0002-own-tape.md.
 */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Hooks, type RemovableHandle } from './hooks.js';

/** A gradient, or null where none arrives. */
export type Gradient = tf.Tensor | null;

/** Sees the total gradient of a tensor; what it returns replaces it. */
export type TensorHook = (gradient: tf.Tensor) => tf.Tensor | void;

/** Which output of which node a tensor is: where its gradient flows to. */
interface Edge {
  readonly node: Node;
  readonly index: number;
}

/** Gradients of a node's outputs → of its inputs: new tensors (a clone where nothing changes), null where an input requires none. */
export type Backward = (gradOutputs: readonly Gradient[]) => Gradient[];

let nodesMade = 0;

/** One recorded operation. */
export class Node {
  readonly sequence = nodesMade++;
  readonly name: string;
  readonly edges: readonly (Edge | null)[];
  readonly outputs: number;
  readonly backward: Backward;
  /** See the gradients of the outputs before `backward`, and may replace them: first those of single tensors, then these. */
  readonly tensorHooks = new Map<number, Hooks<TensorHook>>();
  readonly preHooks = new Hooks<(gradOutputs: readonly Gradient[]) => readonly Gradient[] | void>();
  /** See what `backward` gave, and may replace it. */
  readonly postHooks = new Hooks<(gradInputs: readonly Gradient[]) => readonly Gradient[] | void>();

  constructor(name: string, edges: readonly (Edge | null)[], outputs: number, backward: Backward) {
    this.name = name;
    this.edges = edges;
    this.outputs = outputs;
    this.backward = backward;
  }

  get isObserved(): boolean {
    return this.tensorHooks.size + this.preHooks.size + this.postHooks.size > 0;
  }
}

/** What a view was taken of, at which version, and how to put a changed view back. */
interface Base {
  readonly variable: Variable;
  version: number;
  readonly toBase: (view: Variable) => Variable;
}

/** A tensor that remembers how it was made. 4-D values are NHWC. */
export class Variable {
  #value: tf.Tensor;
  #edge: Edge | null;
  readonly #leaf: boolean;
  /** Counts in-place changes, as PyTorch does. */
  #version = 0;
  readonly #base: Base | null;

  private constructor(value: tf.Tensor, edge: Edge | null, leaf: boolean, base: Base | null = null) {
    this.#value = value;
    this.#edge = edge;
    this.#leaf = leaf;
    this.#base = base;
  }

  /** A starting point. With `requiresGrad`, gradients are taken with respect to it. */
  static leaf(value: tf.Tensor, { requiresGrad = false } = {}): Variable {
    return new Variable(value, requiresGrad ? { node: new Node('leaf', [], 1, () => []), index: 0 } : null, true);
  }

  /** The result of an operation on `inputs`. */
  static result(name: string, value: tf.Tensor, inputs: readonly Variable[], backward: (gradOutput: tf.Tensor) => Gradient[]): Variable {
    return Variable.results(name, [value], inputs, ([R]) => backward(R!))[0]!;
  }

  /** The results of one operation with several outputs; some of their gradients may be null. */
  static results(name: string, values: readonly tf.Tensor[], inputs: readonly Variable[], backward: Backward): Variable[] {
    const node = nodeOver(name, inputs, values.length, backward);
    return values.map((value, index) => new Variable(value, node && { node, index }, false));
  }

  /** The result of an operation that gives a view: changing it in place changes `base`, through `toBase`. */
  static view(name: string, value: tf.Tensor, base: Variable, backward: (gradOutput: tf.Tensor) => Gradient[], toBase: (view: Variable) => Variable): Variable {
    const node = nodeOver(name, [base], 1, ([R]) => backward(R!));
    return new Variable(value, node && { node, index: 0 }, false, { variable: base, version: base.#version, toBase });
  }

  get value(): tf.Tensor {
    if (this.#base && this.#base.variable.#version !== this.#base.version) {
      throw new TouchstoneError('unsupported', 'a flattened tensor is used after its original was changed in place', 'Use the out-of-place function there.');
    }
    return this.#value;
  }
  get edge(): Edge | null {
    return this.#edge;
  }
  get shape(): number[] {
    return this.#value.shape;
  }
  get requiresGrad(): boolean {
    return this.#edge !== null;
  }

  /** `hook` sees the total gradient of this tensor as it is now (before later in-place changes). */
  registerHook(hook: TensorHook): RemovableHandle {
    if (!this.#edge) throw new TouchstoneError('usage', 'cannot register a hook on a tensor that does not require a gradient');
    const { node, index } = this.#edge;
    const hooks = node.tensorHooks.get(index) ?? new Hooks<TensorHook>();
    node.tensorHooks.set(index, hooks);
    return hooks.add(hook);
  }

  /** Becomes `result`, which was computed from it: an in-place operation. Everything that holds this variable sees the change. */
  become(result: Variable): void {
    if (this.#leaf && this.requiresGrad) {
      throw new TouchstoneError('unsupported', 'a leaf that requires a gradient is changed in place', 'PyTorch refuses this too; pass a copy.');
    }
    this.#value = result.#value;
    this.#edge = result.#edge;
    this.#version++;
    if (this.#base) {
      this.#base.variable.become(this.#base.toBase(this));
      this.#base.version = this.#base.variable.#version;
    }
  }
}

function nodeOver(name: string, inputs: readonly Variable[], outputs: number, backward: Backward): Node | null {
  if (!inputs.some((input) => input.requiresGrad)) return null;
  return new Node(name, inputs.map((input) => input.edge), outputs, backward);
}

/**
 * Vector–Jacobian product: the gradients of `Σ output·gradOutput` with respect to `inputs`, as `torch.autograd.grad`.
 * Runs only the nodes on a path to an input; among those that are ready, the latest recorded first.
 *
 * @throws `usage` when the output does not depend on an input.
 */
export function grad(output: Variable, gradOutput: tf.Tensor, inputs: readonly Variable[]): tf.Tensor[] {
  if (!output.edge) throw new TouchstoneError('usage', 'the output does not depend on any tensor that requires a gradient');
  const wanted = new Map<Node, Gradient[]>();
  for (const { edge } of inputs) {
    if (!edge) throw new TouchstoneError('usage', 'cannot take the gradient with respect to a tensor that does not require one');
    wanted.set(edge.node, []);
  }
  const { needed, pending } = plan(output.edge.node, wanted);
  const arrived = new Map<Node, Gradient[]>();
  deliver(arrived, output.edge, gradOutput.clone());
  const ready: Node[] = needed.has(output.edge.node) ? [output.edge.node] : [];

  for (let node = takeLatest(ready); node; node = takeLatest(ready)) {
    const received = arrived.get(node)!;
    arrived.delete(node);
    const gradOutputs = beforeBackward(node, received);
    wanted.get(node)?.push(...gradOutputs);
    if (!node.edges.some((edge) => edge && needed.has(edge.node))) continue;
    const gradInputs = runBackward(node, gradOutputs);
    // What a hook or the caller may hold stays until their scope closes.
    if (!wanted.has(node) && !node.isObserved) for (const gradient of received) gradient?.dispose();
    for (const [i, edge] of node.edges.entries()) {
      const gradient = gradInputs[i];
      if (!edge || !needed.has(edge.node)) {
        gradient?.dispose();
        continue;
      }
      if (gradient) deliver(arrived, edge, gradient);
      const left = pending.get(edge.node)! - 1;
      pending.set(edge.node, left);
      if (left === 0 && arrived.has(edge.node)) ready.push(edge.node);
    }
  }
  return inputs.map(({ edge }) => {
    const gradient = wanted.get(edge!.node)![edge!.index];
    if (!gradient) throw new TouchstoneError('usage', 'the output does not depend on one of the inputs');
    return gradient;
  });
}

function beforeBackward(node: Node, received: readonly Gradient[]): readonly Gradient[] {
  let gradients: readonly Gradient[] = received.map((gradient, index) => {
    let current = gradient;
    if (current) for (const hook of node.tensorHooks.get(index) ?? []) current = hook(current) ?? current;
    return current;
  });
  for (const hook of node.preHooks) gradients = hook(gradients) ?? gradients;
  return gradients;
}

function runBackward(node: Node, gradOutputs: readonly Gradient[]): readonly Gradient[] {
  let gradients: readonly Gradient[] = tf.tidy(() => node.backward(gradOutputs) as tf.Tensor[]);
  for (const hook of node.postHooks) gradients = hook(gradients) ?? gradients;
  return gradients;
}

/** Adds a gradient to what has arrived at a node's output; owns `gradient`. */
function deliver(arrived: Map<Node, Gradient[]>, { node, index }: Edge, gradient: tf.Tensor): void {
  const gradients = arrived.get(node) ?? Array.from<Gradient>({ length: node.outputs }).fill(null);
  arrived.set(node, gradients);
  const before = gradients[index];
  gradients[index] = before ? tf.add(before, gradient) : gradient;
  if (before) tf.dispose([before, gradient]);
}

function takeLatest(ready: Node[]): Node | undefined {
  let latest = 0;
  for (let i = 1; i < ready.length; i++) if (ready[i]!.sequence > ready[latest]!.sequence) latest = i;
  return ready.splice(latest, 1)[0];
}

/** The nodes on a path from `root` to a wanted one, and how many gradients each of them waits for. */
function plan(root: Node, wanted: ReadonlyMap<Node, unknown>): { needed: ReadonlySet<Node>; pending: Map<Node, number> } {
  const reachable = new Set<Node>([root]);
  for (const node of reachable) for (const edge of node.edges) if (edge) reachable.add(edge.node);
  const needed = new Set<Node>();
  for (const node of [...reachable].sort((a, b) => a.sequence - b.sequence)) {
    if (wanted.has(node) || node.edges.some((edge) => edge && needed.has(edge.node))) needed.add(node);
  }
  const pending = new Map<Node, number>();
  for (const node of needed) {
    for (const edge of node.edges) if (edge && needed.has(edge.node)) pending.set(edge.node, (pending.get(edge.node) ?? 0) + 1);
  }
  return { needed, pending };
}
