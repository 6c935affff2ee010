import { unknownName } from '@touchstone/contract';
import type { Law } from './law.js';
import { batchAndLifeCycleLaws } from './laws/batch-and-life-cycle.js';
import { camLaws } from './laws/cam.js';
import { capturedLaws } from './laws/captured.js';
import { gradientLaws } from './laws/gradients.js';
import { maskLaws } from './laws/masks.js';
import { optimisedImageLaws } from './laws/optimised-images.js';
import { smoothGradLaws } from './laws/smooth-grad.js';
import { symmetryLaws } from './laws/symmetry.js';
import { tsneLaws } from './laws/t-sne.js';

/** All laws, by their number in docs/laws.md; letters distinguish several with the same number. */
export const laws: readonly Law[] = [
  ...capturedLaws,
  ...batchAndLifeCycleLaws,
  ...symmetryLaws,
  ...gradientLaws,
  ...maskLaws,
  ...smoothGradLaws,
  ...camLaws,
  ...optimisedImageLaws,
  ...tsneLaws,
];

/** @throws TouchstoneError `unknown-name`, with the nearest known */
export function findLaw(id: string): Law {
  const found = laws.find((law) => law.id === id);
  if (!found)
    throw unknownName(
      'law',
      id,
      laws.map((law) => law.id),
    );
  return found;
}
