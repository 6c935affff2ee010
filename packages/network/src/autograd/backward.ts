/** Runs the recorded graph backward, in PyTorch's order. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { bounded, boundOf } from '../ops/magnitude.js';
import { checkGradient, hookAt, ofShape } from './hook-returns.js';
import type { Edge, Gradient, Node, TensorHook } from './node.js';
import { ReadyQueue } from './ready-queue.js';
import type { Variable } from './variable.js';

/**
 * The gradients of `Σ output·gradOutput` with respect to `inputs`, each of the shape of its input, as
 * `torch.autograd.grad`: runs only the nodes that lead to them, and accumulates nothing. 4-D tensors are NHWC.
 *
 * @throws `usage` where the output does not depend on an input, or `gradOutput` has another shape than `output`
 */
export function grad(output: Variable, gradOutput: tf.Tensor, inputs: readonly Variable[]): tf.Tensor[] {
  const wanted = inputs.map(({ edge }) => {
    if (!edge)
      throw new TouchstoneError(
        'usage',
        'cannot take the gradient with respect to a tensor that does not require one',
        'Set requiresGrad on it before the forward pass.',
      );
    return edge;
  });
  const found = run(output, gradOutput, wanted);
  return wanted.map(({ node, index }) => {
    const gradient = found.get(node)?.[index];
    if (!gradient)
      throw new TouchstoneError(
        'usage',
        'the output does not depend on one of the inputs',
        'Pass only inputs that the output is computed from.',
      );
    return gradient;
  });
}

/** As `output.backward(gradOutput)`: adds to `grad` of every leaf that requires a gradient. */
export function backward(output: Variable, gradOutput: tf.Tensor): void {
  run(output, gradOutput, null);
}

/**
 * @param wanted null: leaves accumulate their gradients. Otherwise returns the gradients that arrived at these nodes.
 */
function run(
  output: Variable,
  gradOutput: tf.Tensor,
  wanted: readonly Edge[] | null,
): ReadonlyMap<Node, readonly Gradient[]> {
  const root = output.edge;
  if (!root)
    throw new TouchstoneError(
      'usage',
      'the output does not depend on any tensor that requires a gradient',
      'Set requiresGrad on an input before the forward pass.',
    );
  if (gradOutput.shape.join() !== output.shape.join())
    throw new TouchstoneError(
      'usage',
      `the gradient of the output is ${ofShape(gradOutput.shape)}, the output ${ofShape(output.shape)}`,
      'Pass a gradient of the shape of the output.',
    );
  const captured = new Map<Node, readonly Gradient[]>(wanted?.map(({ node }) => [node, []]));
  const { needed, pending } = plan(root.node, wanted && captured);
  const arrived = new Map<Node, Gradient[]>();
  const ready = new ReadyQueue();
  deliver(arrived, root, gradOutput.clone());
  if (needed.has(root.node)) ready.push(root.node);

  for (let node = ready.pop(); node; node = ready.pop()) {
    const received = arrived.get(node) ?? nothing(node);
    arrived.delete(node);
    const isCaptured = captured.has(node);
    const isLeaf = node.edges.length === 0;
    const gradOutputs = callTensorHooks(node, received);
    if (isCaptured) captured.set(node, gradOutputs);
    // Not in a tidy scope: the gradient of a leaf must stay.
    if (isLeaf && wanted === null && gradOutputs[0]) node.backward(gradOutputs);
    const goesOn = node.edges.some((edge) => edge && needed.has(edge.node));
    const gradInputs = goesOn ? runBackward(node, gradOutputs) : [];
    // A hook or the caller may hold the gradients, which then stay until their scope closes.
    if (!isCaptured && !node.isObserved) for (const gradient of received) gradient?.dispose();
    for (const [i, edge] of node.edges.entries()) {
      const gradient = gradInputs[i];
      if (!edge || !needed.has(edge.node)) {
        gradient?.dispose();
        continue;
      }
      if (gradient) deliver(arrived, edge, gradient);
      const left = pending.get(edge.node)! - 1;
      pending.set(edge.node, left);
      if (left === 0) ready.push(edge.node);
    }
  }
  return captured;
}

const nothing = ({ outputs }: Node): Gradient[] => Array.from({ length: outputs }, () => null);

/** Tensor by tensor, in the order in which each got its first hook. */
function callTensorHooks(node: Node, received: readonly Gradient[]): readonly Gradient[] {
  if (node.tensorHooks.size === 0) return received;
  const gradients = [...received];
  for (const [index, hooks] of node.tensorHooks)
    for (const hook of hooks) gradients[index] = replaced(node, hook, gradients[index]!);
  return gradients;
}

function replaced(node: Node, hook: TensorHook, gradient: Gradient): Gradient {
  const returned = hook(gradient as tf.Tensor) ?? gradient;
  if (gradient) checkGradient(hookAt('tensor', hook, `on ${node.description}`), returned, gradient);
  return returned;
}

function runBackward(node: Node, received: readonly Gradient[]): readonly Gradient[] {
  let gradOutputs = received;
  for (const hook of node.preHooks) gradOutputs = hook(gradOutputs) ?? gradOutputs;
  const runs = node.runsWithoutGradients || gradOutputs.some((gradient) => gradient);
  let gradients: readonly Gradient[] = runs
    ? tf.tidy(() => node.backward(gradOutputs) as tf.Tensor[])
    : node.edges.map(() => null);
  if (node.postHooks.size === 0) return gradients;
  for (const hook of node.postHooks) gradients = hook(gradients) ?? gradients;
  // Clones: the next node disposes what it receives, but hooks may hold what they saw and returned.
  return gradients.map((gradient) => gradient?.clone() ?? null);
}

/** Adds a gradient to those that have arrived at a node's output; takes ownership of `gradient`. */
function deliver(arrived: Map<Node, Gradient[]>, { node, index }: Edge, gradient: tf.Tensor): void {
  const gradients = arrived.get(node) ?? nothing(node);
  arrived.set(node, gradients);
  const before = gradients[index];
  gradients[index] = before ? bounded(tf.add(before, gradient), boundOf(before) + boundOf(gradient)) : gradient;
  if (before) tf.dispose([before, gradient]);
}

/** The nodes to run (all, or those that lead to a wanted one), and the number of gradients that each waits for. */
function plan(
  root: Node,
  wanted: ReadonlyMap<Node, unknown> | null,
): { needed: ReadonlySet<Node>; pending: Map<Node, number> } {
  const reachable = new Set<Node>([root]);
  for (const node of reachable) for (const edge of node.edges) if (edge) reachable.add(edge.node);
  const needed = wanted ? leadingTo(wanted, reachable) : reachable;
  const pending = new Map<Node, number>();
  for (const node of needed) {
    for (const edge of node.edges)
      if (edge && needed.has(edge.node)) pending.set(edge.node, (pending.get(edge.node) ?? 0) + 1);
  }
  return { needed, pending };
}

function leadingTo(wanted: ReadonlyMap<Node, unknown>, reachable: ReadonlySet<Node>): Set<Node> {
  const needed = new Set([...reachable].filter((node) => wanted.has(node)));
  const recorded = [...reachable].filter(({ edges }) => edges.length > 0).sort((a, b) => a.sequence - b.sequence);
  for (const node of recorded) if (node.edges.some((edge) => edge && needed.has(edge.node))) needed.add(node);
  return needed;
}
