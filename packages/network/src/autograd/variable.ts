/** PyTorch's tensor with autograd: a value that remembers how it was made, and that may be changed in place. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Hooks, type RemovableHandle } from './hooks.js';
import { Node, type Backward, type Edge, type Gradient, type Memory, type TensorHook } from './node.js';

/** How a view shows the tensor that it is a view of. Linear, so that gradients go the same ways. */
interface View {
  readonly base: Variable;
  readonly fromBase: (value: tf.Tensor) => tf.Tensor;
  readonly toBase: (value: tf.Tensor) => tf.Tensor;
  /** Handed on by a module with backward hooks: PyTorch refuses to change it in place, or to use it once its base was. */
  readonly guarded: boolean;
}

/** 4-D values are NHWC. */
export class Variable {
  readonly #memory: Memory;
  readonly #view: View | null;
  #isLeaf = false;
  #name = '';
  #edge: Edge | null;
  /** The version of the memory that `#edge` belongs to; a view's is made anew when its memory has changed. */
  #edgeVersion: number;
  #shown: { readonly value: tf.Tensor; readonly version: number } | null = null;
  /** Of a leaf: the sum of what `backward` brought, as `x.grad`. It lives as long as the scope in which `backward` ran. */
  grad: Gradient = null;

  private constructor(memory: Memory, edge: Edge | null, view: View | null = null) {
    this.#memory = memory;
    this.#edge = edge;
    this.#edgeVersion = memory.version;
    this.#view = view;
  }

  /** A starting point; its value may be made on demand. With `requiresGrad`, gradients are taken with respect to it; errors call it by `name`. */
  static leaf(value: tf.Tensor | (() => tf.Tensor), { requiresGrad = false, name = 'leaf' } = {}): Variable {
    const leaf = new Variable(typeof value === 'function' ? madeOnDemand(value) : { value, version: 0 }, null);
    leaf.#isLeaf = true;
    leaf.#name = name;
    leaf.requiresGrad = requiresGrad;
    return leaf;
  }

  /**
   * The result of an operation on `inputs`; null stands for an optional one that is not there.
   *
   * @param saves whose values the gradient needs: they must not change in place in between
   */
  static result(
    name: string,
    value: tf.Tensor,
    inputs: readonly (Variable | null)[],
    backward: (gradOutput: tf.Tensor) => Gradient[],
    saves: readonly ('output' | Variable)[] = [],
  ): Variable {
    const memory: Memory = { value, version: 0 };
    const saved = saves.map((which) => (which === 'output' ? memory : which.#memory));
    return new Variable(
      memory,
      edgeOver(name, inputs, ([R]) => backward(R!), saved),
    );
  }

  /** Another way to look at `base`: the same memory in another shape. */
  static view(
    name: string,
    base: Variable,
    fromBase: (value: tf.Tensor) => tf.Tensor,
    toBase: (value: tf.Tensor) => tf.Tensor,
  ): Variable {
    const edge = edgeOver(name, [base], ([R]) => [toBase(R!)]);
    const first = base.#view;
    const view: View = first
      ? {
          base: first.base,
          fromBase: (value) => fromBase(first.fromBase(value)),
          toBase: (value) => first.toBase(toBase(value)),
          guarded: first.guarded && base.requiresGrad,
        }
      : { base, fromBase, toBase, guarded: false };
    return new Variable(base.#memory, edge, view);
  }

  /** What a module with backward hooks takes and gives: the same tensors one node on. That node is given too; null where no gradient is needed. */
  static passed(inputs: readonly Variable[]): { passed: Variable[]; node: Node | null } {
    const edges = inputs.map((input) => input.edge);
    if (!edges.some((edge) => edge)) return { passed: [...inputs], node: null };
    const zeros = inputs.map(
      ({ shape }) =>
        () =>
          tf.zeros(shape),
    );
    const backward: Backward = (gradients) => gradients.map((gradient, i) => gradient?.clone() ?? zeros[i]!());
    const node = new Node('backward hook', edges, backward, { outputs: inputs.length, runsWithoutGradients: true });
    const passed = inputs.map((input, index) => {
      const { base, fromBase, toBase } = input.#view ?? { base: input, fromBase: same, toBase: same };
      return new Variable(input.#memory, edges[index] ? { node, index } : null, {
        base,
        fromBase,
        toBase,
        guarded: edges[index] !== null,
      });
    });
    return { passed, node };
  }

  get value(): tf.Tensor {
    if (!this.#view) return this.#memory.value;
    const { fromBase } = this.#view;
    if (this.#shown?.version !== this.#memory.version || this.#shown.value.isDisposed)
      this.#shown = { value: tf.tidy(() => fromBase(this.#memory.value)), version: this.#memory.version };
    return this.#shown.value;
  }

  get shape(): number[] {
    return this.value.shape;
  }

  /** Where the gradient of this tensor, as it is now, flows to. */
  get edge(): Edge | null {
    this.#followBase();
    return this.#edge;
  }

  get requiresGrad(): boolean {
    return this.#edge !== null;
  }
  /** Only a leaf can be told. */
  set requiresGrad(wanted: boolean) {
    if (!this.#isLeaf)
      throw new TouchstoneError(
        'usage',
        'requiresGrad can be set on a leaf only: whether a result requires a gradient follows from its inputs',
      );
    if (!wanted) this.#edge = null;
    else this.#edge ??= { node: new Node(this.#name, [], ([R]) => this.#accumulate(R!)), index: 0 };
  }

  /** `hook` sees the total gradient of this tensor as it is now (before later in-place changes). A leaf then requires one. */
  registerHook(hook: TensorHook): RemovableHandle {
    if (this.#isLeaf) this.requiresGrad = true;
    const { edge } = this;
    if (!edge)
      throw new TouchstoneError('usage', 'cannot register a hook on a tensor that does not require a gradient');
    const hooks = edge.node.tensorHooks.get(edge.index) ?? new Hooks<TensorHook>();
    edge.node.tensorHooks.set(edge.index, hooks);
    return hooks.add(hook);
  }

  /**
   * Changes this tensor in place: everything that shares its memory sees `value`, computed from it and `others`.
   *
   * @param backward gradient of the new value → of the old one and of each of `others`
   * @throws `unsupported` where PyTorch refuses
   */
  changeInPlace(
    name: string,
    value: tf.Tensor,
    others: readonly Variable[],
    backward: (gradOutput: tf.Tensor) => Gradient[],
    { savesOutput = false } = {},
  ): void {
    const target = this.#view?.base ?? this;
    if (this.requiresGrad && this.#view?.guarded)
      throw refused('what a module with backward hooks takes or gives is changed in place');
    if (this.requiresGrad && target.#isLeaf) throw refused('a leaf that requires a gradient is changed in place');
    const { fromBase, toBase } = this.#view ?? { fromBase: same, toBase: same };
    const edges = [target.edge, ...others.map((other) => other.edge)];
    this.#memory.value = tf.tidy(() => toBase(value));
    this.#memory.version++;
    target.#edgeVersion = this.#memory.version;
    if (!edges.some((edge) => edge)) return;
    target.#isLeaf = false;
    const toEdges: Backward = ([R]) =>
      backward(fromBase(R!)).map((gradient, i) => (gradient && i === 0 ? toBase(gradient) : gradient));
    target.#edge = { node: new Node(name, edges, toEdges, { saved: savesOutput ? [this.#memory] : [] }), index: 0 };
    this.#followBase();
  }

  /** A view whose memory was changed takes a new place in the graph: at once if it was changed itself, else when it is asked for. */
  #followBase(): void {
    if (!this.#view || !this.#edge || this.#edgeVersion === this.#memory.version) return;
    const { base, toBase, guarded } = this.#view;
    if (guarded)
      throw refused(
        'a tensor that a module with backward hooks handed on is used after its original was changed in place',
      );
    this.#edge = edgeOver('view', [base], ([R]) => [toBase(R!)]);
    this.#edgeVersion = this.#memory.version;
  }

  #accumulate(gradient: tf.Tensor): Gradient[] {
    const before = this.grad?.isDisposed ? null : this.grad;
    this.grad = before ? tf.add(before, gradient) : gradient.clone();
    before?.dispose();
    return [];
  }
}

/** A value that nobody keeps: made when it is asked for, again where a scope has closed over it. */
function madeOnDemand(make: () => tf.Tensor): Memory {
  let made: tf.Tensor | null = null;
  return {
    version: 0,
    get value() {
      if (!made || made.isDisposed) made = tf.tidy(make);
      return made;
    },
    set value(value) {
      made = value;
    },
  };
}

const same = (value: tf.Tensor): tf.Tensor => value.clone();

function refused(what: string): TouchstoneError {
  return new TouchstoneError(
    'unsupported',
    what,
    'PyTorch refuses this too; use the out-of-place function, or hook another module.',
  );
}

function edgeOver(
  name: string,
  inputs: readonly (Variable | null)[],
  backward: Backward,
  saved: readonly Memory[] = [],
): Edge | null {
  const edges = inputs.map((input) => input?.edge ?? null);
  return edges.some((edge) => edge) ? { node: new Node(name, edges, backward, { saved }), index: 0 } : null;
}
