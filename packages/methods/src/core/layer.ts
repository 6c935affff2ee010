/** Reads a layer: its output at the moment it returns, before any in-place change, and the gradient there. */
import type * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type NetworkDescription } from '@touchstone/contract';
import {
  clone,
  grad,
  gradientLeaf,
  modulePaths,
  nchwShape,
  readParts,
  shapesOf,
  Variable,
  type ModuleCall,
  type Network,
} from '@touchstone/network';
import {
  asIs,
  checkMaps,
  formOf,
  isLinear,
  lastTokens,
  mapCalls,
  ofSignals,
  suggested,
  toMaps,
  type MapForm,
  type ToMaps,
} from './feature-maps.js';
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

/** How a layer is read; mutants change it. */
export interface LayerReading {
  /** Which call of a layer that is called several times. */
  readonly call: 'first' | 'last';
  readonly toMaps: ToMaps;
}

const asPyTorch: LayerReading = { call: 'last', toMaps };

/**
 * @param params `layer` null: the default, see `lastMapOf`
 * @param seed gives ∂f/∂output of the target
 */
export async function layerGradient(
  { network, x, target }: Pick<MethodJob<unknown>, 'network' | 'x' | 'target'>,
  { layer, ...form }: MapForm & { readonly layer: string | null },
  seed: Seed,
  { call, toMaps: maps }: LayerReading = asPyTorch,
): Promise<LayerGradient> {
  const { A, output, logits } = captureLayer(network, x, layer ?? lastMap(network, x, form), form, call);
  const seeded = seed(logits, await resolveTarget(target, () => logits), network.description.heads);
  const gradient = grad(output, seeded, [A])[0]!;
  return { logits, activations: maps(A.value, form), gradient: maps(gradient, form) };
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
function captureLayer(
  network: Network,
  x: tf.Tensor4D,
  path: string,
  form: MapForm,
  call: LayerReading['call'],
): Captured {
  let A: Variable | null = null;
  const handle = network.module(path).registerForwardHook(
    (_module, _inputs, output) => {
      if (call === 'last' || A === null) A = gradientLeaf(output);
    },
    { prepend: true },
  );
  try {
    const output = network.call(Variable.leaf(x));
    return { A: checked(A, path, network, x, form), output, logits: asOutput(output.value) };
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
  return checked(output, layer, network, image.value as tf.Tensor4D, asIs);
}

function checked(A: Variable | null, path: string, network: Network, x: tf.Tensor4D, form: MapForm): Variable {
  checkMaps(path, A?.value, { description: network.description, input: nchwShape(x.shape), form });
  return A!;
}

/** The default layer; see `lastMapOf`. */
export function lastMap(network: Network, x: tf.Tensor4D, form: MapForm): string {
  const shape = nchwShape(x.shape);
  // This throws, and names the layer that x does not fit.
  if (shapesOf(network.description, shape) === null) network.call(Variable.leaf(x));
  return lastMapOf(network.description, shape, form);
}

/**
 * The last leaf whose last call returns maps of more than one pixel; with `tokens` the last, other than a Linear, that
 * returns so many, of which those on the grid are read. From the description, without weights or a pass.
 *
 * @param input [N,C,H,W]
 * @param params may say how maps are read, `MapForm`
 * @throws `bad-input` where `input` does not fit the network; `bad-params` where only the user can say what a map is
 */
export function lastMapOf(description: NetworkDescription, input: readonly number[], params: unknown = asIs): string {
  const form = formOf(params);
  const calls = readParts(description, input);
  if (calls === null) throw new TouchstoneError('bad-input', `images of [${input.join(',')}] do not fit the network`);
  if (form.channelsLast)
    throw new TouchstoneError('bad-params', '"channelsLast" needs a named layer', 'Name it: --set layer=PATH.');
  const maps = mapCalls(calls, form);
  const found = form.tokens ? maps.findLast(({ path }) => !isLinear(description, path)) : maps.at(-1);
  if (form.tokens === null) refuseTokens(found, lastTokens(description, calls), calls, input);
  if (found === undefined)
    throw new TouchstoneError(
      'bad-params',
      form.tokens ? 'the network has no layer that gives so many tokens' : 'the network has no layer that gives a map',
      'Name the layer: --set layer=PATH; "touchstone layers" lists them.',
    );
  refuseChannelsLast(found, description);
  return found.path;
}

/** A network that goes on with tokens after its last map, that of its patches, is not explained by these. */
function refuseTokens(
  found: ModuleCall | undefined,
  last: ModuleCall | undefined,
  calls: readonly ModuleCall[],
  input: readonly number[],
): void {
  if (last === undefined || (found && calls.indexOf(last) < calls.findLastIndex(({ path }) => path === found.path)))
    return;
  const after = found ? `after the last map, of "${found.path}", ` : '';
  throw new TouchstoneError(
    'bad-params',
    `no layer is named, and ${after}the network works on tokens, such as [${last.shape.join(',')}] of "${last.path}"`,
    `Say how they form a map, as in --set layer=${last.path} --set '${suggested(last.shape, input)}'.` +
      ofSignals(input),
  );
}

/** A leaf that ends by normalising the last of four dimensions has its channels there. */
function refuseChannelsLast({ path, shape }: ModuleCall, { modules }: NetworkDescription): void {
  const row = modules[path];
  const end = row && 'calls' in row ? row.calls.find(({ name }) => name === row.output) : undefined;
  if (!end || !('op' in end) || end.op !== 'layer_norm' || shape.length !== 4) return;
  if ((end.attributes['normalizedShape'] as readonly number[]).length !== 1) return;
  throw new TouchstoneError(
    'bad-params',
    `no layer is named, and the last one that may give a map, "${path}", normalises the last dimension of ` +
      `[${shape.join(',')}], where its channels seem to be`,
    `Say so, with --set layer=${path} --set channelsLast=true, or name another layer.`,
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
