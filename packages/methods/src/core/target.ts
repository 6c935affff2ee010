/** Targets: functions of the network's outputs, as gradients with respect to them. */
import * as tf from '@tensorflow/tfjs-core';
import {
  binLine,
  maximum,
  TouchstoneError,
  unknownName,
  type HostTensor,
  type NetworkDescription,
  type Target,
} from '@touchstone/contract';
import { constant, toHost, Variable, type Network } from '@touchstone/network';

/** `likeliest`: for each image the class with the largest logit, found by the method's own pass. */
export type AskedTarget = Target | 'likeliest';

/** @param logits of the explained images; called only if the target depends on them */
export async function resolveTarget(asked: AskedTarget, logits: () => tf.Tensor2D): Promise<Target> {
  return asked === 'likeliest' ? likeliestOf(await toHost(logits())) : asked;
}

/**
 * The same for a method that needs its target before its first pass: runs a separate pass if the target depends on the
 * logits.
 */
export async function resolveByPass(asked: AskedTarget, network: Network, x: tf.Tensor4D): Promise<Target> {
  return resolveTarget(asked, () => tf.tidy(() => asLogits(network.call(Variable.leaf(x)).value).clone()));
}

/** @param logits [N,classes] */
export function likeliestOf({ shape: [images, classes], data }: HostTensor): Target {
  const each = Array.from({ length: images! }, (_, n) => {
    const row = data.subarray(n * classes!, (n + 1) * classes!);
    return row.indexOf(maximum(row));
  }).map((index) => Math.max(0, index)); // of NaNs none is the largest
  return { class: each.length === 1 ? each[0]! : each };
}

/** How the columns of the output form several heads. */
export type Heads = NetworkDescription['heads'];

/** logits [N,outputs], target, the network's heads → ∂f/∂logits [N,outputs]. */
export type Seed = (logits: tf.Tensor2D, target: Target, heads?: Heads) => tf.Tensor2D;

/**
 * One-hot rows, or the weights: the gradient of the logit, never of its softmax. For sums of expectations see
 * `expectationSeed`.
 */
export const logitSeed: Seed = (logits, target, heads) => {
  if ('sum' in target) return expectationSeed(logits, binValues(logits.shape[1], target, heads));
  return constant(targetRows(logits.shape, target), logits.shape) as tf.Tensor2D;
};

/** The values of one head's bins, summed over the target's terms that name it; null: none does. */
export interface HeadValues {
  readonly size: number;
  readonly values: Float64Array | null;
}

/**
 * f = Σ over heads of E = Σᵢ pᵢ·vᵢ with p the head's softmax: ∂f/∂zᵢ = pᵢ·(vᵢ − E), and 0 for heads that are not named.
 */
function expectationSeed(logits: tf.Tensor2D, heads: readonly HeadValues[]): tf.Tensor2D {
  const [n] = logits.shape;
  let column = 0;
  const seeds = heads.map(({ size, values }) => {
    const z = tf.slice(logits, [0, column], [n, size]);
    column += size;
    if (values === null) return tf.zerosLike(z);
    const p = tf.softmax(z);
    const v = constant(values, [1, size]);
    return tf.mul(p, tf.sub(v, tf.sum(tf.mul(p, v), 1, true)));
  });
  return tf.concat(seeds, 1) as tf.Tensor2D;
}

type Sum = Extract<Target, { sum: unknown }>;

/** One part per head, in the order of the output's columns. @throws `bad-input` where the network lacks a named head */
export function binValues(outputs: number, { sum }: Sum, heads: Heads): HeadValues[] {
  if (heads === undefined)
    throw wrongTarget(`names the head "${sum[0]!.head}"; the network has one output and no heads`);
  const all = heads.reduce((total, { size }) => total + size, 0);
  if (all !== outputs)
    throw new TouchstoneError(
      'bad-network',
      `the network's heads have ${all} outputs in total, but it returns ${outputs}`,
      'Correct "heads" in its network.json.',
    );
  for (const { head } of sum) {
    if (heads.some(({ name }) => name === head)) continue;
    const { message, hint } = unknownName(
      'head',
      head,
      heads.map(({ name }) => name),
    );
    throw new TouchstoneError('bad-input', `target: ${message}`, hint);
  }
  return heads.map(({ name, size }) => {
    const lines = sum.filter(({ head }) => head === name).map(({ expectation }) => binLine(expectation));
    const values =
      lines.length === 0
        ? null
        : Float64Array.from({ length: size }, (_, i) =>
            lines.reduce((value, { slope, offset }) => value + slope * i + offset, 0),
          );
    return { size, values };
  });
}

function targetRows([n, outputs]: readonly [number, number], target: Exclude<Target, Sum>): Float64Array {
  const rows = new Float64Array(n * outputs);
  if ('weights' in target) {
    if (target.weights.length !== outputs)
      throw wrongTarget(`has ${target.weights.length} weights; the network has ${outputs} outputs`);
    if (!target.weights.every(Number.isFinite)) throw wrongTarget('has a weight that is NaN or ±∞');
    for (let i = 0; i < n; i++) rows.set(target.weights, i * outputs);
    return rows;
  }
  const each = Array.isArray(target.class) ? target.class : Array.from({ length: n }, () => target.class as number);
  for (const [i, c] of each.entries()) {
    if (!(Number.isInteger(c) && c >= 0 && c < outputs))
      throw wrongTarget(`is class ${c}; the network has classes 0 to ${outputs - 1}`);
    rows[i * outputs + c] = 1;
  }
  return rows;
}

/** @throws `bad-input` where the target names one class per image, but not for this many */
export function checkTarget(target: AskedTarget, images: number): void {
  if (target !== 'likeliest' && 'class' in target && Array.isArray(target.class) && target.class.length !== images)
    throw wrongTarget(`names ${target.class.length} classes for ${images} images`);
}

function wrongTarget(what: string): TouchstoneError {
  return new TouchstoneError(
    'bad-input',
    `target ${what}`,
    'Give one class for all images, one per image, one weight per output, or a sum of heads that the network has.',
  );
}

/** The logits: one row of scores per image. @throws `bad-network` for an output of another rank */
export function asLogits(output: tf.Tensor): tf.Tensor2D {
  if (output.rank !== 2)
    throw new TouchstoneError(
      'bad-network',
      `the network's output has ${output.rank} dimensions; a target needs [images, classes]`,
      'Explain a network that ends in class scores.',
    );
  return output as tf.Tensor2D;
}
