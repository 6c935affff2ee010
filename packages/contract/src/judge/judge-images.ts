import type { Errors, HostTensor } from '../domain/index.js';
import { haveImages, imageOf } from '../tensor/compare-images.js';
import { judgeStage, type Judgement } from './judge-stage.js';
import type { Tier } from './tolerance.js';

/**
 * `judgeStage` for a stage with one row per image: every image is judged on its own, relative to its own golden, and
 * the worst decides. Over a whole batch an image with large values would hide a wrong one with small values.
 */
export function judgeImages(
  actual: HostTensor,
  golden: HostTensor,
  reference: Errors,
  alternatives: readonly HostTensor[] = [],
  tier: Tier = 'float32',
): Judgement {
  if (!haveImages(actual, golden)) return judgeStage(actual, golden, reference, alternatives, tier);
  const images = Array.from({ length: golden.shape[0]! }, (_, image) => {
    const [x, r] = [imageOf(actual, image), imageOf(golden, image)];
    const others = alternatives.map((alternative) => imageOf(alternative, image));
    return judgeStage(x, r, reference, others, tier);
  });
  const worst = images.reduce((most, one, image) => (isWorse(one, images[most]!) ? image : most), 0);
  const { mismatch, ...judgement } = images[worst]!;
  return {
    ...judgement,
    flips: [...new Set(images.flatMap(({ flips }) => flips))].sort((a, b) => a - b),
    mismatch: mismatch && {
      ...mismatch,
      image: worst,
      worst: mismatch.worst && { ...mismatch.worst, index: [worst, ...mismatch.worst.index.slice(1)] },
    },
  };
}

/** A value that is not finite is worse than any distance. */
function isWorse(one: Judgement, other: Judgement): boolean {
  const rank = ({ check }: Judgement): number => (check === null ? 0 : check === 'non-finite' ? 2 : 1);
  return rank(one) === rank(other) ? one.ratio > other.ratio : rank(one) > rank(other);
}
