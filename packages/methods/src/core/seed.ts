/** Targets as gradients: ∂f/∂z of a target f with respect to the network's output z. */
import * as tf from '@tensorflow/tfjs-core';
import { binLine, type ClassTarget, type Target } from '@touchstone/contract';
import { constant } from '@touchstone/network';
import { checkHeads, headRange, unknownHead, wrongTarget, type Heads, type Output } from './target.js';

/** Output [N,K] or [N,h,w,K], target, the network's heads → ∂f/∂output, of the same shape. */
export type Seed = (output: Output, target: Target, heads?: Heads) => tf.Tensor;

type Sum = Extract<Target, { sum: unknown }>;
type Weights = Extract<Target, { weights: unknown }>;
/** Targets that are a sum over pixels of a linear function of the classes' scores. */
type Scored = ClassTarget | Weights;
type Box = Exclude<Scored['region'], string | undefined>;

/** The gradient of exactly the target: of the logit, never of its softmax, unless the target is that. */
export const targetSeed: Seed = (output, target, heads) => {
  const outputs = output.shape.at(-1)!;
  if ('sum' in target) return expectationSeed(rows(output, 'sum'), binValues(outputs, target, heads));
  const { from, size } = headRange(outputs, target.head, heads);
  if (size === outputs) return headSeed(output, target, heads);
  const before = output.shape.slice(0, -1);
  const z = tf.slice(output as tf.Tensor, [...before.map(() => 0), from], [...before, size]) as Output;
  const around: [number, number][] = [...before.map((): [number, number] => [0, 0]), [from, outputs - from - size]];
  return tf.pad(headSeed(z, target, undefined), around);
};

function headSeed(z: Output, target: Exclude<Target, Sum>, heads: Heads): tf.Tensor {
  if ('similarity' in target) return similaritySeed(rows(z, 'similarity'), target.similarity);
  const of = 'class' in target ? (target.of ?? 'logit') : 'logit';
  const relative = of !== 'logit' ? `"of": "${of}"` : target.region === 'argmax' ? '"region": "argmax"' : undefined;
  if (relative !== undefined) checkOneHead(relative, z.shape.at(-1)!, heads);
  const score = scoreSeed(z, target);
  if (of === 'logit') return score;
  const p = tf.softmax(z as tf.Tensor);
  // log pᵢ = zᵢ − log Σ exp z: ∂/∂zⱼ = δᵢⱼ − pⱼ; and pᵢ = exp(log pᵢ): ∂/∂zⱼ = pᵢ·(δᵢⱼ − pⱼ).
  const scaled = of === 'probability' ? tf.mul(score, p) : score;
  return tf.sub(scaled, tf.mul(p, tf.sum(scaled, -1, true)));
}

/** Scores that are relative to the other classes need to know which these are. */
function checkOneHead(what: string, classes: number, heads: Heads): void {
  if (heads !== undefined)
    throw wrongTarget(
      `has ${what} but no head; the network has the heads ${heads.map(({ name }) => name).join(', ')}`,
      'Name one of them with "head".',
    );
  if (classes < 2)
    throw wrongTarget(
      `has ${what}, but there is one score: it is always the likeliest, with probability 1`,
      'Leave it out; the logit of the score is what can be explained.',
    );
}

function rows(z: Output, name: string): tf.Tensor2D {
  if (z.rank === 2) return z as tf.Tensor2D;
  throw wrongTarget(
    `"${name}" needs a row of values per image, and the network returns maps`,
    'Give a class with "pixel" or "region".',
  );
}

/** Of Σ over pixels of the place of z_c, or of Σ_k w_k·z_k there. */
function scoreSeed(z: Output, target: Scored): tf.Tensor {
  const [images, classes] = [z.shape[0], z.shape.at(-1)!];
  const values = targetRows([images, classes], target);
  if (z.rank === 4) return tf.mul(constant(values, [images, 1, 1, classes]), place(z as tf.Tensor4D, target));
  const where = target.pixel ? 'pixel' : target.region ? 'region' : undefined;
  if (where !== undefined)
    throw wrongTarget(
      `has a ${where}, but the network returns one row of scores per image`,
      `Leave out "${where}", which belongs to maps.`,
    );
  return constant(values, [images, classes]);
}

/** 1 at the pixels that count and 0 elsewhere, [1,h,w,1]; [N,h,w,1] where it depends on the scores. */
function place(z: tf.Tensor4D, target: Scored): tf.Tensor {
  const [, h, w] = z.shape;
  if ('class' in target && target.region === 'argmax') {
    const wanted = constant([target.class].flat(), [Array.isArray(target.class) ? z.shape[0] : 1, 1, 1]);
    // The first of equal maxima, as in PyTorch.
    return tf.expandDims(tf.cast(tf.equal(tf.cast(tf.argMax(z, 3), 'float32'), wanted), 'float32'), 3);
  }
  const [y, x] = target.pixel ?? [0, 0];
  const [y0, x0, y1, x1] = (target.region as Box | undefined) ?? (target.pixel ? [y, x, y + 1, x + 1] : [0, 0, h, w]);
  if (y1 > h || x1 > w)
    throw wrongTarget(
      `has the ${target.pixel ? `pixel [${y},${x}]` : `region [${y0},${x0},${y1},${x1}]`}; ` +
        `the network's maps have ${h} rows and ${w} columns`,
      'Give rows and columns of its output, not of the image: [y,x], or [y0,x0,y1,x1].',
    );
  const mask = new Float64Array(h * w);
  for (let row = y0; row < y1; row++) mask.fill(1, row * w + x0, row * w + x1);
  return constant(mask, [1, h, w, 1]);
}

/** One-hot rows, or the weights. */
function targetRows([n, outputs]: readonly [number, number], target: Scored): Float64Array {
  const values = new Float64Array(n * outputs);
  if ('weights' in target) {
    if (target.weights.length !== outputs)
      throw wrongTarget(`has ${target.weights.length} weights; the network has ${outputs} outputs`);
    if (!target.weights.every(Number.isFinite)) throw wrongTarget('has a weight that is NaN or ±∞');
    for (let i = 0; i < n; i++) values.set(target.weights, i * outputs);
    return values;
  }
  const each = Array.isArray(target.class) ? target.class : Array.from({ length: n }, () => target.class as number);
  for (const [i, c] of each.entries()) {
    if (!(Number.isInteger(c) && c >= 0 && c < outputs))
      throw wrongTarget(`is class ${c}; the network has classes 0 to ${outputs - 1}`);
    values[i * outputs + c] = 1;
  }
  return values;
}

/** The smallest norm that divides, as in PyTorch's `cosine_similarity`. */
const leastNorm = 1e-8;

/** f = cos(z, v) = ẑ·v̂ with ẑ = z/‖z‖: ∂f/∂z = (v̂ − f·ẑ)/‖z‖. */
function similaritySeed(z: tf.Tensor2D, vector: readonly number[]): tf.Tensor {
  if (vector.length !== z.shape[1])
    throw wrongTarget(`has a vector of ${vector.length} values; the network returns ${z.shape[1]}`);
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!(norm > 0 && norm < Infinity)) throw wrongTarget('has a vector whose norm is 0, NaN or ∞');
  const unit = constant(
    vector.map((value) => value / Math.max(norm, leastNorm)),
    [1, vector.length],
  );
  const size = tf.maximum(tf.sqrt(tf.sum(tf.square(z), 1, true)), constant([leastNorm], []));
  const direction = tf.div(z, size);
  const similarity = tf.sum(tf.mul(direction, unit), 1, true);
  return tf.div(tf.sub(unit, tf.mul(similarity, direction)), size);
}

/** The values of one head's bins, summed over the target's terms that name it; null: none does. */
export interface HeadValues {
  readonly size: number;
  readonly values: Float64Array | null;
}

/**
 * f = Σ over heads of E = Σᵢ pᵢ·vᵢ with p the head's softmax: ∂f/∂zᵢ = pᵢ·(vᵢ − E), and 0 for heads that are not named.
 */
function expectationSeed(logits: tf.Tensor2D, heads: readonly HeadValues[]): tf.Tensor {
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
  return tf.concat(seeds, 1);
}

/** One part per head, in the order of the output's columns. @throws `bad-input` where the network lacks a named head */
export function binValues(outputs: number, { sum }: Sum, heads: Heads): HeadValues[] {
  if (heads === undefined)
    throw wrongTarget(`names the head "${sum[0]!.head}"; the network has one output and no heads`);
  checkHeads(outputs, heads);
  for (const { head } of sum) if (!heads.some(({ name }) => name === head)) throw unknownHead(head, heads);
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
