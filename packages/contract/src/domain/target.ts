/** What is explained: a number that is a function of the network's output, given as data. */
import { z } from 'zod';
import { Size } from './values.js';

/** `a·i+b`; the minus may be − or -, the dot · or *. */
export const binValue = /^([−-]?\d+(?:\.\d+)?)[·*]i(?:([+−-])(\d+(?:\.\d+)?))?$/u;

const Head = z.string().min(1).max(100);
/** Row and column of an output that is a map [N,K,H,W]. */
const Pixel = z.tuple([Size, Size]);
/** y0, x0, y1, x1: rows y0 to y1 − 1, columns x0 to x1 − 1. */
const Box = z
  .tuple([Size, Size, Size, Size])
  .refine(([y0, x0, y1, x1]) => y0 < y1 && x0 < x1, 'y0, x0, y1, x1 with y0 < y1 and x0 < x1');

const onePlace = ({ pixel, region }: { pixel?: unknown; region?: unknown }): boolean =>
  pixel === undefined || region === undefined;
const notBoth = 'give "pixel" or "region", not both';

/**
 * The score of a class, for all images or one class per image. `of`: its logit (left out), or its softmax or the
 * logarithm of that. `head`: of a network with several outputs, the one whose classes are counted. An output that is a
 * map gives the sum over `region`, or the value at `pixel`; left out: the sum over all of it. `argmax`: over the pixels
 * where the class is the likeliest of the output that is differentiated; which these are counts as constant.
 */
const ClassTarget = z
  .strictObject({
    class: z.union([Size, z.array(Size).min(1)]),
    of: z.enum(['logit', 'probability', 'log-probability']).optional(),
    head: Head.optional(),
    pixel: Pixel.optional(),
    region: z.union([Box, z.literal('argmax')]).optional(),
  })
  .refine(onePlace, notBoth);

/** A weighted sum of the logits; a one-hot vector gives the same bits as the class. */
const WeightsTarget = z
  .strictObject({
    weights: z.array(z.number()).min(1),
    head: Head.optional(),
    pixel: Pixel.optional(),
    region: Box.optional(),
  })
  .refine(onePlace, notBoth);

/** The cosine of the angle between the output and a vector, such as a stored embedding. */
const SimilarityTarget = z.strictObject({ similarity: z.array(z.number()).min(1), head: Head.optional() });

/** Of heads, each by the expectation of its softmax, where bin i has the value that `expectation` says: "3·i−90". */
const SumTarget = z.strictObject({
  sum: z
    .array(
      z.strictObject({
        head: z.string(),
        expectation: z.string().max(40).regex(binValue, 'a line over the bins, such as "3·i−90"'),
      }),
    )
    .min(1),
});

export const Target = z.union([ClassTarget, WeightsTarget, SimilarityTarget, SumTarget]);
export type Target = z.infer<typeof Target>;
export type ClassTarget = z.infer<typeof ClassTarget>;

/** The class or classes of a target that is nothing but their logits; null: it is another function. */
export function logitClasses(target: Target): number | number[] | null {
  if (!('class' in target)) return null;
  const { class: classes, of = 'logit', head, pixel, region } = target;
  return of === 'logit' && [head, pixel, region].every((more) => more === undefined) ? classes : null;
}

/** The names of the heads that the target counts in. */
export function headsIn(target: Target): string[] {
  if ('sum' in target) return target.sum.map(({ head }) => head);
  return target.head === undefined ? [] : [target.head];
}
