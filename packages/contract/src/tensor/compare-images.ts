/** Distances image by image, of tensors with one row per image. */
import type { HostTensor } from '../domain/index.js';
import { compareTensors, type Comparison } from './compare.js';
import { sameShape } from './sampling.js';

/** `compareTensors` of each image on its own: the largest `e2` and the largest `eMax`, with the worst element. */
export function compareImages(actual: HostTensor, golden: HostTensor): Comparison {
  if (!haveImages(actual, golden)) return compareTensors(actual, golden);
  let furthest: Comparison = { check: null, e2: 0, eMax: 0, worst: null };
  for (let image = 0; image < golden.shape[0]!; image++) {
    const found = compareTensors(imageOf(actual, image), imageOf(golden, image));
    const [e2, eMax] = [Math.max(furthest.e2, found.e2), Math.max(furthest.eMax, found.eMax)];
    const worst = found.worst && { ...found.worst, index: [image, ...found.worst.index.slice(1)] };
    furthest = found.e2 > furthest.e2 ? { check: found.check, e2, eMax, worst } : { ...furthest, e2, eMax };
  }
  return furthest;
}

/** How a stage is compared: each image on its own where it has one row per image, else as a whole. */
export function comparisonFor(perImage: boolean): (actual: HostTensor, golden: HostTensor) => Comparison {
  return perImage ? compareImages : compareTensors;
}

/** Whether both are batches of the same shape, of more than one image. */
export function haveImages(actual: HostTensor, golden: HostTensor): boolean {
  return golden.shape[0]! > 1 && sameShape(actual.shape, golden.shape) && actual.data.length === golden.data.length;
}

/** One row, as a batch of one. */
export function imageOf({ shape: [images, ...rest], data }: HostTensor, image: number): HostTensor {
  const size = data.length / images!;
  return { shape: [1, ...rest], data: data.subarray(image * size, (image + 1) * size) };
}
