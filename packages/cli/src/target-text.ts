/** A target in words. */
import { plainText, type Target } from '@touchstone/contract';

/**
 * @param classes the class or classes of the target, in words
 */
export function targetText(target: Target, classes: string): string {
  if ('sum' in target)
    return target.sum.map(({ head, expectation }) => `expectation of ${plainText(head)} (${expectation})`).join(' + ');
  const head = target.head === undefined ? '' : ` of ${plainText(target.head)}`;
  if ('similarity' in target) return `cosine similarity${head} to the given vector`;
  const place = placeText(target);
  if ('weights' in target) return `a weighted sum of the logits${head}${place}`;
  const score = target.of === undefined || target.of === 'logit' ? '' : `${target.of} of `;
  return `${score}${classes}${head}${place}`;
}

type Placed = Exclude<Target, { sum: unknown } | { similarity: unknown }>;

function placeText({ pixel, region }: Placed): string {
  if (pixel) return ` at pixel [${pixel.join(',')}]`;
  if (region === undefined) return '';
  return region === 'argmax' ? ' where it is the likeliest' : ` in region [${region.join(',')}]`;
}
