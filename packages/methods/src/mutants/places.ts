/** Faults of targets that are a place in a map, a probability, or a class of one of several heads. */
import type { ClassTarget, Target } from '@touchstone/contract';
import { shapesOf } from '@touchstone/network';
import { remedy, type Mutant, type Remedy } from '../core/mutant.js';
import type { Explanation } from '../core/explain.js';
import { given } from './given.js';

type Box = readonly [number, number, number, number];

const place = remedy(
  'Take the score at the place that the target names',
  'maps.slice([0, y0, x0, c], [-1, y1 - y0, x1 - x0, 1]).sum()',
  'maps[:, c, y0:y1, x0:x1].sum()',
);

/** @param change null: the fault cannot show in this target */
const targeting = (
  id: string,
  fault: string,
  remedy: Remedy,
  change: (target: ClassTarget, explanation: Explanation) => Target | null,
): Mutant =>
  given(id, fault, remedy, ['saliency', 'grad-cam'], (explanation) => {
    const { target } = explanation;
    const changed = target === 'likeliest' || !('class' in target) ? null : change(target, explanation);
    return changed && { target: changed };
  });

/** Height and width of the network's output, which is a map. */
function sizeOf({ network, x }: Explanation): readonly [number, number] {
  const [, , h = 1, w = 1] = shapesOf(network.description, x.shape)?.output ?? [];
  return [h, w];
}

/** The part of a box that is in a map, as a slice takes it; null: there is none, or it is the box itself. */
function sliced([y0, x0, y1, x1]: Box, [h, w]: readonly [number, number], box: Box): Box | null {
  const inside: Box = [y0, x0, Math.min(y1, h), Math.min(x1, w)];
  const isEmpty = inside[0] >= inside[2] || inside[1] >= inside[3];
  return isEmpty || inside.join() === box.join() ? null : inside;
}

const withBox = (target: ClassTarget, box: Box | null): Target | null => box && { ...target, region: [...box] };

export const placeMutants: readonly Mutant[] = [
  targeting(
    'pixel-ignored',
    'the scores of all pixels are added up instead of one pixel',
    place,
    ({ pixel, ...target }) => (pixel === undefined ? null : target),
  ),
  targeting(
    'region-ignored',
    'the scores of all pixels are added up instead of those in the region',
    place,
    ({ region, ...target }) => (region === undefined ? null : target),
  ),
  targeting(
    'region-end-included',
    'the region takes in the row and the column at which it ends',
    place,
    ({ region, ...target }, explanation) => {
      if (!Array.isArray(region)) return null;
      const [y0, x0, y1, x1] = region;
      return withBox(target, sliced([y0, x0, y1 + 1, x1 + 1], sizeOf(explanation), region));
    },
  ),
  targeting(
    'place-transposed',
    'rows and columns of the pixel or the region are exchanged',
    place,
    ({ pixel, region, ...target }, explanation) => {
      const size = sizeOf(explanation);
      if (Array.isArray(region)) {
        const [y0, x0, y1, x1] = region;
        return withBox(target, sliced([x0, y0, x1, y1], size, region));
      }
      if (pixel === undefined || pixel[0] === pixel[1] || pixel[1] >= size[0] || pixel[0] >= size[1]) return null;
      return { ...target, pixel: [pixel[1], pixel[0]] };
    },
  ),
  targeting(
    'logit-for-probability',
    'gradient of the logit instead of its probability, or of the logarithm of that',
    remedy(
      'Apply softmax over the classes, and take its logarithm for a log-probability',
      'tf.softmax(logits).mul(tf.oneHot(classes, n)).sum()',
      'logits.softmax(1)[range(len(c)), c].sum().backward()',
    ),
    ({ of, ...target }) => (of === undefined || of === 'logit' ? null : target),
  ),
  targeting(
    'first-head',
    'the first head instead of the one that is named',
    remedy(
      'Take the output of the head that the target names',
      'outputs[heads.indexOf(head)]',
      'outputs[heads.index(head)]',
    ),
    (target, { network }) => {
      const first = network.description.heads?.[0];
      if (target.head === undefined || !first || first.name === target.head) return null;
      return Math.max(...[target.class].flat()) < first.size ? { ...target, head: first.name } : null;
    },
  ),
];
