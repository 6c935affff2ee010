/** PyTorch's tensor with autograd: a value that records how it was computed, and that may be changed in place. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { cloned } from '../ops/magnitude.js';
import { Hooks, type RemovableHandle } from './hooks.js';
import { Node, type Backward, type Edge, type Gradient, type Memory, type TensorHook } from './node.js';

/** How a view reads its base tensor. All functions are linear, so that gradients pass through them too. */
interface View {
  readonly base: Variable;
  /** Its value, from that of the tensor that it was made from. */
  readonly read: () => tf.Tensor;
  readonly fromBase: (value: tf.Tensor) => tf.Tensor;
  /** The transpose of `fromBase`: what the base gets of a gradient. */
  readonly toBase: (gradient: tf.Tensor) => tf.Tensor;
  readonly write: Write;
  /** Made by `behindOneNode`: PyTorch refuses to change it in place, and to use it after its base was changed. */
  readonly guarded: boolean;
}

/** `base` with `value` where a view shows it. */
type Write = (base: tf.Tensor, value: tf.Tensor) => tf.Tensor;

/** 4-D values are NHWC. */
export class Variable {
  readonly #memory: Memory;
  readonly #view: View | null;
  #isLeaf = false;
  #name = '';
  #edge: Edge | null;
  /** The version of the memory that `#edge` belongs to; a view gets a new edge when its memory has changed. */
  #edgeVersion: number;
  #shown: { readonly value: tf.Tensor; readonly version: number } | null = null;
  /**
   * Of a leaf: the sum of the gradients of all `backward` calls. Lives as long as the scope in which `backward` ran.
   */
  grad: Gradient = null;

  private constructor(memory: Memory, edge: Edge | null, view: View | null = null) {
    this.#memory = memory;
    this.#edge = edge;
    this.#edgeVersion = memory.version;
    this.#view = view;
  }

  /**
   * A tensor that no operation computed; `value` may be a function, called on demand. With `requiresGrad`, gradients
   * are taken with respect to it. Errors call it by `name`.
   */
  static leaf(value: tf.Tensor | (() => tf.Tensor), { requiresGrad = false, name = 'leaf' } = {}): Variable {
    const leaf = new Variable(typeof value === 'function' ? madeOnDemand(value) : { value, version: 0 }, null);
    leaf.#isLeaf = true;
    leaf.#name = name;
    leaf.requiresGrad = requiresGrad;
    return leaf;
  }

  /**
   * The result of an operation on `inputs`; null is an optional input that is absent.
   *
   * @param saves the tensors whose values the gradient needs: they must not be changed in place before it is computed
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

  /**
   * The memory of `base`, or a part of it, in another shape.
   *
   * @param toBase the transpose of `fromBase`
   * @param write left out: the view shows all of `base`, and `toBase` is the inverse of `fromBase`
   */
  static view(
    name: string,
    base: Variable,
    fromBase: (value: tf.Tensor) => tf.Tensor,
    toBase: (gradient: tf.Tensor) => tf.Tensor,
    write: Write = (_, value) => toBase(value),
  ): Variable {
    const edge = edgeOver(name, [base], ([R]) => [toBase(R!)]);
    const first = base.#view;
    const read = (): tf.Tensor => fromBase(base.value);
    const view: View = first
      ? {
          base: first.base,
          read,
          fromBase: (value) => fromBase(first.fromBase(value)),
          toBase: (gradient) => first.toBase(toBase(gradient)),
          write: (whole, value) => first.write(whole, write(first.fromBase(whole), value)),
          guarded: first.guarded && base.requiresGrad,
        }
      : { base, read, fromBase, toBase, write, guarded: false };
    return new Variable(base.#memory, edge, view);
  }

  /**
   * The same tensors as outputs of one node, whose hooks see all their gradients at once: what a module with backward
   * hooks receives and returns. `node` is null where no gradient is needed.
   */
  static behindOneNode(inputs: readonly Variable[]): { variables: Variable[]; node: Node | null } {
    const edges = inputs.map((input) => input.edge);
    if (!edges.some((edge) => edge)) return { variables: [...inputs], node: null };
    const shapes = inputs.map(({ shape }) => shape);
    const backward: Backward = (gradients) => gradients.map((gradient, i) => gradient?.clone() ?? tf.zeros(shapes[i]!));
    const node = new Node('backward hook', edges, backward, { outputs: inputs.length, runsWithoutGradients: true });
    const variables = inputs.map((input, index) => {
      return new Variable(input.#memory, edges[index] ? { node, index } : null, {
        base: input,
        ...whole,
        ...input.#view,
        read: () => cloned(input.value),
        guarded: edges[index] !== null,
      });
    });
    return { variables, node };
  }

  get value(): tf.Tensor {
    if (!this.#view) return this.#memory.value;
    if (this.#shown?.version !== this.#memory.version || this.#shown.value.isDisposed)
      this.#shown = { value: tf.tidy(this.#view.read), version: this.#memory.version };
    return this.#shown.value;
  }

  get shape(): number[] {
    return this.value.shape;
  }

  /** The edge to which the gradient of this tensor, in its current version, flows. */
  get edge(): Edge | null {
    this.#followBase();
    return this.#edge;
  }

  get requiresGrad(): boolean {
    if (!this.#view?.guarded) this.#followBase();
    return this.#edge !== null;
  }
  /** @throws `usage` unless it is a leaf */
  set requiresGrad(wanted: boolean) {
    if (!this.#isLeaf)
      throw new TouchstoneError(
        'usage',
        'requiresGrad can be set on a leaf only: whether a result requires a gradient follows from its inputs',
        'Set it on the leaves that the result is computed from.',
      );
    if (!wanted) this.#edge = null;
    else this.#edge ??= { node: new Node(this.#name, [], ([R]) => this.#accumulate(R!)), index: 0 };
  }

  /**
   * `hook` sees the total gradient of this tensor's current version, before later in-place changes. A leaf then
   * requires a gradient.
   *
   * @throws `usage` where the tensor requires no gradient
   */
  registerHook(hook: TensorHook): RemovableHandle {
    if (this.#isLeaf) this.requiresGrad = true;
    const { edge } = this;
    if (!edge)
      throw new TouchstoneError(
        'usage',
        'cannot register a hook on a tensor that does not require a gradient',
        'Set requiresGrad on an input before the forward pass.',
      );
    const hooks = edge.node.tensorHooks.get(edge.index) ?? new Hooks<TensorHook>();
    edge.node.tensorHooks.set(edge.index, hooks);
    return hooks.add(hook);
  }

  /**
   * Changes this tensor in place to `value`, computed from it and `others`; everything that shares its memory changes
   * too.
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
      throw refused('an input or output of a module with backward hooks is changed in place');
    if (this.requiresGrad && target.#isLeaf) throw refused('a leaf that requires a gradient is changed in place');
    const { fromBase, write } = this.#view ?? whole;
    const edges = [target.edge, ...others.map((other) => other.edge)];
    this.#memory.value = tf.tidy(() => write(this.#memory.value, value));
    this.#memory.version++;
    target.#edgeVersion = this.#memory.version;
    if (!edges.some((edge) => edge)) return;
    target.#isLeaf = false;
    const toEdges: Backward = ([R]) =>
      backward(fromBase(R!)).map((gradient, i) => (gradient && i === 0 ? write(R!, gradient) : gradient));
    target.#edge = { node: new Node(name, edges, toEdges, { saved: savesOutput ? [this.#memory] : [] }), index: 0 };
    this.#followBase();
  }

  /**
   * A view whose memory has changed gets a new edge: at once if it was changed itself, else when the edge is read. It
   * then requires a gradient if its base does, also if it did not before.
   */
  #followBase(): void {
    if (!this.#view || this.#edgeVersion === this.#memory.version) return;
    const { base, toBase, guarded } = this.#view;
    if (guarded)
      throw refused(
        'an input or output of a module with backward hooks is used after its original was changed in place',
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

/** A value that is made when read, and made again after a scope has disposed it. */
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

/** What is no view shows itself. */
const whole = { fromBase: cloned, toBase: cloned, write: (_: tf.Tensor, value: tf.Tensor) => cloned(value) };

function refused(what: string): TouchstoneError {
  return new TouchstoneError(
    'unsupported',
    what,
    'Use the out-of-place function, or hook another module; PyTorch refuses this too.',
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
