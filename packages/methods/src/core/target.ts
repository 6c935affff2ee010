/** Targets: which function of the network's output is explained, and whether the output fits it. */
import * as tf from '@tensorflow/tfjs-core';
import {
  headsIn,
  maximum,
  TouchstoneError,
  unknownName,
  type HostTensor,
  type NetworkDescription,
  type Target,
} from '@touchstone/contract';
import { shapesOf, toHost, Variable, type Network, type Positions } from '@touchstone/network';

/** `likeliest`: for each image the class with the largest logit, found by the method's own pass. */
export type AskedTarget = Target | 'likeliest';

/** What targets are functions of: scores [N,K], or maps of scores [N,h,w,K]. */
export type Output = tf.Tensor2D | tf.Tensor4D;

/** How the columns of the output, or the channels of its maps, form several heads. */
export type Heads = NetworkDescription['heads'];

/** @param output of the explained images; called only if the target depends on it */
export async function resolveTarget(asked: AskedTarget, output: () => Output): Promise<Target> {
  return asked === 'likeliest' ? likeliestOf(await toHost(output())) : asked;
}

/**
 * The same for a method that needs its target before its first pass: runs a separate pass if the target depends on the
 * logits.
 */
export async function resolveByPass(asked: AskedTarget, network: Network, x: tf.Tensor4D): Promise<Target> {
  return resolveTarget(asked, () => tf.tidy(() => asOutput(network.call(Variable.leaf(x)).value).clone()));
}

/** @param logits [N,classes]. @throws `bad-input` for maps */
export function likeliestOf({ shape, data }: HostTensor): Target {
  if (shape.length !== 2) throw noLikeliest(shape);
  const [images, classes] = shape;
  const each = Array.from({ length: images! }, (_, n) => {
    const row = data.subarray(n * classes!, (n + 1) * classes!);
    return row.indexOf(maximum(row));
  }).map((index) => Math.max(0, index)); // of NaNs none is the largest
  return { class: each.length === 1 ? each[0]! : each };
}

/** In maps, the likeliest class differs from pixel to pixel, and the one with the largest sum is often background. */
export function noLikeliest(shape: readonly number[]): TouchstoneError {
  return new TouchstoneError(
    'bad-input',
    `the network returns maps, [${shape.join(',')}], and the target names no class`,
    'Name one, as in {"class":1}, the sum of its map; add "pixel":[y,x], "region":[y0,x0,y1,x1], or ' +
      '"region":"argmax" for the pixels where it is the likeliest.',
  );
}

/** Where the head stands in the output; without a name, all of it. @throws `bad-input` for an unknown head */
export function headRange(
  outputs: number,
  head: string | undefined,
  heads: Heads,
): { readonly from: number; readonly size: number } {
  if (head === undefined) return { from: 0, size: outputs };
  if (heads === undefined) throw wrongTarget(`names the head "${head}"; the network has one output and no heads`);
  checkHeads(outputs, heads);
  let from = 0;
  for (const { name, size } of heads) {
    if (name === head) return { from, size };
    from += size;
  }
  throw unknownHead(head, heads);
}

/** @throws `bad-network` where the heads are not the output */
export function checkHeads(outputs: number, heads: NonNullable<Heads>): void {
  const all = heads.reduce((total, { size }) => total + size, 0);
  if (all === outputs) return;
  throw new TouchstoneError(
    'bad-network',
    `the network's heads have ${all} outputs in total, but it returns ${outputs}`,
    'Correct "heads" in its network.json.',
  );
}

export function unknownHead(head: string, heads: NonNullable<Heads>): TouchstoneError {
  const { message, hint } = unknownName(
    'head',
    head,
    heads.map(({ name }) => name),
  );
  return new TouchstoneError('bad-input', `target: ${message}`, hint);
}

/**
 * The number of classes from which a class or weights are chosen; undefined: the target is another function, or the
 * output is not known.
 *
 * @param input [N,C,H,W]
 */
export function classesFor(
  { description }: Network,
  input: readonly number[],
  target: AskedTarget,
): number | undefined {
  const outputs = shapesOf(description, input)?.output[1];
  if (target === 'likeliest' || !('class' in target || 'weights' in target)) return undefined;
  if (target.head === undefined) return outputs;
  return description.heads?.find(({ name }) => name === target.head)?.size;
}

/** @throws `bad-input` where the target names one class per image, but not for this many */
export function checkTarget(target: AskedTarget, images: number): void {
  if (target !== 'likeliest' && 'class' in target && Array.isArray(target.class) && target.class.length !== images)
    throw wrongTarget(`names ${target.class.length} classes for ${images} images`);
}

/** The target with other classes, one for each of some images; of other targets, the same. */
export function withClasses<T extends Target>(target: T, change: (classes: readonly number[]) => number[]): T {
  if (!('class' in target) || !Array.isArray(target.class)) return target;
  return { ...target, class: change(target.class) };
}

const oneOf =
  'Give one class for all images, one per image, one weight per output, or a sum of heads that the network has.';

export function wrongTarget(what: string, hint = oneOf): TouchstoneError {
  return new TouchstoneError('bad-input', `target ${what}`, hint);
}

/**
 * The output, as a target takes it: a row of scores per image, or maps of them.
 *
 * @throws `bad-network` for an output of another rank
 */
export function asOutput(output: tf.Tensor): Output {
  if (output.rank === 2 || output.rank === 4) return output as Output;
  throw new TouchstoneError(
    'bad-network',
    `the network's output has ${output.rank} dimensions; a target is a function of scores [images, classes] or of ` +
      'maps [images, classes, height, width]',
    'Export a network that returns one of these; activations and filter-visualization take any.',
  );
}

/** The same for what is only defined for a row of scores per image. @throws `bad-network` */
export function asLogits(output: tf.Tensor): tf.Tensor2D {
  if (output.rank === 2) return output as tf.Tensor2D;
  throw new TouchstoneError(
    'bad-network',
    `the network's output has ${output.rank} dimensions; this needs scores [images, classes]`,
    'Take a network that ends in class scores, or another method: saliency, smooth-grad, grad-cam and hires-cam take ' +
      'maps too.',
  );
}

/** Undefined: the target is a linear function of one row of scores; else what it is. */
export function notLinear(target: AskedTarget): string | undefined {
  if (target === 'likeliest') return undefined;
  if ('sum' in target) return 'the expectation of a head';
  if ('similarity' in target) return 'a similarity';
  if ('class' in target && target.of !== undefined && target.of !== 'logit') return `a ${target.of}`;
  if (target.pixel ?? target.region) return 'a place in a map';
  return undefined;
}

/**
 * The positions of the output's second dimension that the target reads: classes, or those of its heads where a softmax
 * or a norm reads them all.
 */
export function wantedOf(description: NetworkDescription, target: Target): Positions {
  const { heads } = description;
  const outputs = shapesOf(description, [1, ...description.input.shape])?.output[1];
  if (outputs === undefined) return 'all';
  const names: (string | undefined)[] = 'sum' in target ? headsIn(target) : [target.head];
  const ranges = names.map((name) => headRange(outputs, name, heads));
  const { from } = ranges[0]!;
  if ('class' in target && (target.of ?? 'logit') === 'logit')
    return new Set([target.class].flat().map((index) => from + index));
  return new Set(ranges.flatMap((range) => Array.from({ length: range.size }, (_, i) => range.from + i)));
}
