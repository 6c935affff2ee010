/** What of a layer's output counts as its maps: [N,K,h,w] as it is, tokens on a grid, or channels last. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type NetworkDescription } from '@touchstone/contract';
import { isReadFrom, nchwShape, readParts, type ModuleCall } from '@touchstone/network';
import { z } from 'zod';

const Tokens = z.strictObject({
  skip: z.number().int().min(0).max(1_000_000),
  grid: z.tuple([z.number().int().min(1).max(10_000), z.number().int().min(1).max(10_000)]),
});

/** Parameters of methods that read maps. Nothing is guessed: left out, a layer must return [N,K,h,w]. */
export const mapParameters = {
  tokens: Tokens.nullable()
    .default(null)
    .describe(
      'a layer of [N,T,D]: the tokens after the first `skip` are the rows of the `grid` [h,w], with D channels',
    ),
  channelsLast: z.boolean().default(false).describe('a layer of [N,h,w,K]'),
};

/** How a layer's output is read as maps. */
export interface MapForm {
  readonly tokens: z.infer<typeof Tokens> | null;
  readonly channelsLast: boolean;
}

export const asIs: MapForm = { tokens: null, channelsLast: false };

/** The form in parameters that may be untrusted or leave it out. */
export function formOf(params: unknown): MapForm {
  const read = z.object(mapParameters).safeParse(params ?? {});
  return read.success ? read.data : asIs;
}

/** Whether an output of this shape, as PyTorch has it, is maps of more than one pixel in this form. */
export function isMap(shape: readonly number[], { tokens, channelsLast }: MapForm): boolean {
  if (tokens) return shape.length === 3 && shape[1] === tokens.skip + tokens.grid[0] * tokens.grid[1];
  const [h, w] = channelsLast ? [shape[1], shape[2]] : [shape[2], shape[3]];
  return shape.length === 4 && h! * w! > 1;
}

/** Whether a shape is [N,heads,T,D/heads], what the heads of attention see of tokens [N,T,D] of these calls. */
function partsOfTokens(calls: readonly ModuleCall[]): (shape: readonly number[]) => boolean {
  const tokens = new Set(calls.filter(({ shape }) => shape.length === 3).map(({ shape }) => `${shape[1]},${shape[2]}`));
  return ([, heads, count, size]) => tokens.has(`${count},${heads! * size!}`);
}

/** Of all calls the last ones of leaves that return maps in this form; of tokens, those that are read. */
export function mapCalls(calls: readonly ModuleCall[] | null, form: MapForm): ModuleCall[] {
  const leaves = calls?.filter(({ isLeaf }) => isLeaf) ?? [];
  const isPart = partsOfTokens(leaves);
  return leaves.filter(
    ({ path, shape, read }, i) =>
      isMap(shape, form) &&
      (form.tokens !== null || form.channelsLast || !isPart(shape)) &&
      (form.tokens === null || isReadFrom(read, form.tokens.skip)) &&
      leaves.findLastIndex((other) => other.path === path) === i,
  );
}

/** What a port may do wrong when it makes maps of a layer's output. */
export type ToMaps = (output: tf.Tensor, form: MapForm) => tf.Tensor4D;

/** The output of a layer, or a gradient there, as maps [N,h,w,K]. Its shape was checked. */
export const toMaps: ToMaps = (output, { tokens, channelsLast }) => {
  if (tokens) {
    const [n, count, channels] = output.shape as [number, number, number];
    const kept = tf.slice(output, [0, tokens.skip, 0], [n, count - tokens.skip, channels]);
    return tf.reshape(kept, [n, ...tokens.grid, channels]) as tf.Tensor4D;
  }
  // A tensor of four dimensions is stored with the second one last.
  return (channelsLast ? tf.transpose(output, [0, 3, 1, 2]) : output) as tf.Tensor4D;
};

interface Reading {
  readonly description: NetworkDescription;
  /** [N,C,H,W] */
  readonly input: readonly number[];
  readonly form: MapForm;
}

/**
 * @param output undefined: the layer was never called
 * @throws `bad-params` where the layer's output is no maps in this form, or is tokens that are not read
 */
export function checkMaps(path: string, output: tf.Tensor | undefined, reading: Reading): void {
  if (!output)
    throw new TouchstoneError(
      'bad-params',
      `layer "${path}" is never called`,
      'Name a layer that the network executes: "touchstone layers" lists them.',
    );
  const shape = nchwShape(output.shape);
  const { tokens, channelsLast } = reading.form;
  if (tokens && channelsLast)
    throw new TouchstoneError(
      'bad-params',
      '"tokens" and "channelsLast" are given, which are for layers of three and of four dimensions',
      `Leave out one of them; layer "${path}" gives [${shape.join(',')}].`,
    );
  if (shape.length === 3) return checkTokens(path, shape, reading);
  if (shape.length === 4 && !tokens) return;
  throw new TouchstoneError(
    'bad-params',
    `layer "${path}" gives [${shape.join(',')}]; ${tokens ? '"tokens" needs [N,T,D]' : 'feature maps are needed'}`,
    shape.length === 4 ? 'Leave out "tokens".' : 'Name a layer that gives maps: "touchstone layers" lists them.',
  );
}

function checkTokens(path: string, shape: readonly number[], { description, input, form }: Reading): void {
  const calls = readParts(description, input) ?? [];
  const read = calls.findLast((call) => call.path === path)?.read ?? 'all';
  const gives = `layer "${path}" gives [${shape.join(',')}]`;
  const first = form.tokens?.skip ?? 1;
  if (!isReadFrom(read, first) && shape[1]! > first) {
    const only = read === 'all' || read.size === 0 ? 'none is' : `only number ${[...read].join(', ')} is`;
    throw new TouchstoneError(
      'bad-params',
      `${gives}, tokens of which ${only} read on the way to the output: the others have no gradient`,
      `Name a layer before the last attention${named(lastTokens(description, calls))}.`,
    );
  }
  if (form.tokens === null)
    throw new TouchstoneError(
      'bad-params',
      `${gives}, tokens and no maps`,
      `Say how they form a map, as in ${suggested(shape, input)}; "skip" leaves out the first, such as a class token.` +
        ofSignals(input),
    );
  const { skip, grid } = form.tokens;
  if (isMap(shape, form)) return;
  throw new TouchstoneError(
    'bad-params',
    `${gives}, ${shape[1]} tokens; ${skip} and a grid of ${grid[0]}×${grid[1]} are ${skip + grid[0] * grid[1]}`,
    `Correct "tokens", as in ${suggested(shape, input)}.`,
  );
}

/** A Linear makes queries, keys and values of tokens, or their products: no layer that is taken by default. */
export function isLinear({ modules }: NetworkDescription, path: string): boolean {
  const row = modules[path];
  return row !== undefined && 'type' in row && row.type === 'Linear';
}

/** The last leaf with tokens of which more than the first are read; mostly the last normalisation before attention. */
export function lastTokens(description: NetworkDescription, calls: readonly ModuleCall[]): ModuleCall | undefined {
  return calls.findLast(
    ({ path, shape, isLeaf, read }, i) =>
      isLeaf &&
      !isLinear(description, path) &&
      shape.length === 3 &&
      shape[1]! > 1 &&
      isReadFrom(read, 1) &&
      calls.findLastIndex((other) => other.path === path) === i,
  );
}

function named(call: ModuleCall | undefined): string {
  return call === undefined ? '' : `: "${call.path}" is the last of which more are read`;
}

/** What to do with [N,K,L] of a Conv1d, which is no tokens [N,T,D]. */
export function ofSignals(input: readonly number[]): string {
  if (input[2] !== 1) return '';
  return ' Layers [N,K,L], as of Conv1d, cannot be read as maps: export Conv2d with kernels [1,k] for them.';
}

/** A grid of the image's proportions that fits, where there is one; for hints only. */
export function suggested(shape: readonly number[], input: readonly number[]): string {
  const [count, h, w] = [shape[1]!, input[2]!, input[3]!];
  if (h === 1) return `tokens={"skip":0,"grid":[1,${count}]}`;
  for (const skip of [0, 1, 2, 5]) {
    const rows = Math.round(Math.sqrt(((count - skip) * h) / w));
    const columns = (rows * w) / h;
    if (rows >= 1 && Number.isInteger(columns) && rows * columns === count - skip)
      return `tokens={"skip":${skip},"grid":[${rows},${columns}]}`;
  }
  return 'tokens={"skip":1,"grid":[14,14]}';
}
