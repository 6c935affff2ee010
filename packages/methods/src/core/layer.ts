/** Reads a layer: its output at the moment it returns, before any in-place change, and the gradient there. */
import type * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type NetworkDescription } from '@touchstone/contract';
import {
  clone,
  grad,
  gradientLeaf,
  modulePaths,
  nchwShape,
  shapesOf,
  Variable,
  type Network,
} from '@touchstone/network';
import type { MethodJob } from './method.js';
import type { Seed } from './seed.js';
import { asOutput, resolveTarget, type Output } from './target.js';

export interface LayerGradient {
  readonly logits: Output;
  /** A, the layer's output in its last call: [N,h,w,K]. */
  readonly activations: tf.Tensor4D;
  /** ∂f/∂A */
  readonly gradient: tf.Tensor4D;
}

/**
 * @param layer null: the last leaf whose output still is a map
 * @param seed gives ∂f/∂output of the target
 * @param call which call of a layer that is called several times; mutants take the first
 */
export async function layerGradient(
  { network, x, target }: Pick<MethodJob<unknown>, 'network' | 'x' | 'target'>,
  layer: string | null,
  seed: Seed,
  call: 'first' | 'last' = 'last',
): Promise<LayerGradient> {
  const { A, output, logits } = captureLayer(network, x, layer, call);
  const seeded = seed(logits, await resolveTarget(target, () => logits), network.description.heads);
  const gradient = grad(output, seeded, [A])[0] as tf.Tensor4D;
  return { logits, activations: A.value as tf.Tensor4D, gradient };
}

interface Captured {
  /** A of the layer's first or last call, as a leaf, so that gradients can be taken with respect to it. */
  readonly A: Variable;
  readonly output: Variable;
  readonly logits: Output;
}

/**
 * Runs the network with the layer's output detached as a leaf: nothing before it is recorded, nothing after it changes
 * it in place.
 */
function captureLayer(network: Network, x: tf.Tensor4D, layer: string | null, call: 'first' | 'last'): Captured {
  const path = layer ?? lastMap(network, x);
  let A: Variable | null = null;
  const handle = network.module(path).registerForwardHook(
    (_module, _inputs, output) => {
      if (call === 'last' || A === null) A = gradientLeaf(output);
    },
    { prepend: true },
  );
  try {
    const output = network.call(Variable.leaf(x));
    return { A: asMaps(A, path), output, logits: asOutput(output.value) };
  } finally {
    handle.remove();
  }
}

/**
 * Runs the network only as far as the layer's first call, so that the image may have any size that the layers before
 * it take.
 */
export function outputUpTo(network: Network, image: Variable, layer: string): Variable {
  const reached = new Error('reached');
  let output: Variable | null = null;
  const handle = network.module(layer).registerForwardHook((_module, _inputs, value) => {
    output = value;
    throw reached;
  });
  try {
    network.call(clone(image)); // a leaf cannot be changed in place
  } catch (error) {
    if (error !== reached) throw error;
  } finally {
    handle.remove();
  }
  return asMaps(output, layer);
}

function asMaps(A: Variable | null, path: string): Variable {
  if (!A)
    throw new TouchstoneError(
      'bad-params',
      `layer "${path}" is never called`,
      'Name a layer that the network executes.',
    );
  if (A.value.rank !== 4)
    throw new TouchstoneError(
      'bad-params',
      `layer "${path}" gives ${A.value.rank} dimensions; feature maps are needed`,
      'Name a convolutional layer.',
    );
  return A;
}

/** The last leaf whose last call returns a map of more than one pixel. */
export function lastMap(network: Network, x: tf.Tensor4D): string {
  const shape = nchwShape(x.shape);
  // This throws, and names the layer that x does not fit.
  if (shapesOf(network.description, shape) === null) network.call(Variable.leaf(x));
  return lastMapOf(network.description, shape);
}

/**
 * The same from the description, without weights or a pass.
 *
 * @param input [N,C,H,W]
 * @throws `bad-input` where `input` does not fit the network
 */
export function lastMapOf(description: NetworkDescription, input: readonly number[]): string {
  const shapes = shapesOf(description, input);
  if (shapes === null) throw new TouchstoneError('bad-input', `images of [${input.join(',')}] do not fit the network`);
  const seen = new Set<string>();
  for (const { path, shape } of shapes.leaves.toReversed()) {
    if (!seen.has(path) && shape.length === 4 && shape[2]! * shape[3]! > 1) return path;
    seen.add(path);
  }
  throw new TouchstoneError(
    'bad-params',
    'the network has no layer that gives a map',
    'Name the layer: --set layer=PATH.',
  );
}

/** Path of the last Linear, if there is one. */
export function lastLinear(description: NetworkDescription): string | undefined {
  return modulePaths(description).findLast((path) => typeOf(description, path) === 'Linear');
}

/** Path of the first Conv2d or Linear, if there is one. */
export function firstWeighted(description: NetworkDescription): string | undefined {
  return modulePaths(description).find((path) => isWeighted(typeOf(description, path)));
}

/** Whether a module of this type has kernels. */
export function isWeighted(type: string | undefined): boolean {
  return type === 'Conv2d' || type === 'Linear';
}

function typeOf({ modules }: NetworkDescription, path: string): string | undefined {
  const module = modules[path];
  return module && 'type' in module ? module.type : undefined;
}
