/** Faults of what a method is given: the target, the image, the layer. */
import { normalisationOfLevels, type HostTensor, type Target } from '@touchstone/contract';
import { shapesOf } from '@touchstone/network';
import { explain, type Explanation } from '../core/explain.js';
import type { Mutant } from '../core/mutant.js';
import type { AskedTarget } from '../core/target.js';
import { ofImages, ofTargets } from './lists.js';

/** @param change null: the fault cannot show here, and the answer is the right one */
function given(
  id: string,
  fault: string,
  of: readonly string[],
  change: (explanation: Explanation) => Partial<Explanation> | null,
): Mutant {
  return {
    id,
    fault,
    of,
    applies: (explanation) => change(explanation) !== null,
    explain: async (method, explanation) => (await explain(method, { ...explanation, ...change(explanation) })).stages,
  };
}

/** As in Python, the class before the first is the last. */
function shifted({ network, x, target }: Explanation, by: 1 | -1): { target: Target } | null {
  const classes = shapesOf(network.description, x.shape)?.output[1];
  if (classes === undefined || target === 'likeliest' || 'sum' in target) return null;
  const wrapped = (index: number): number => (index + classes) % classes;
  return {
    target: shiftedTarget(
      target,
      (index) => wrapped(index + by),
      (index) => wrapped(index - by),
    ),
  };
}

function shiftedTarget(
  target: Exclude<AskedTarget, 'likeliest' | { sum: unknown }>,
  to: (index: number) => number,
  from: (index: number) => number,
): Target {
  if ('weights' in target) return { weights: target.weights.map((_, i) => target.weights[from(i)]!) };
  return { class: Array.isArray(target.class) ? target.class.map(to) : to(target.class) };
}

/** The image's channels [N,C,H,W], each value by its channel's number; null: nothing changes. */
function channelwise(
  { network, x }: Explanation,
  value: (pixel: number, mean: number, std: number) => number,
): { x: HostTensor } | null {
  const { preprocess, input } = network.description;
  if (!preprocess) return null;
  const { mean, std } = normalisationOfLevels(preprocess);
  const pixels = x.shape[2]! * x.shape[3]!;
  const data = x.data.map((pixel, i) => {
    const channel = Math.floor(i / pixels) % input.shape[0];
    return value(pixel, mean[channel]!, std[channel]!);
  });
  return data.every((pixel, i) => pixel === x.data[i]) ? null : { x: { shape: x.shape, data } };
}

/** Null for images that do not have three channels. */
function bgr({ x: { shape, data } }: Explanation): { x: HostTensor } | null {
  const [, channels, h, w] = shape as [number, number, number, number];
  if (channels !== 3) return null;
  const pixels = h * w;
  const other = (i: number): number => i + (2 - 2 * (Math.floor(i / pixels) % 3)) * pixels;
  return { x: { shape, data: data.map((_, i) => data[other(i)]!) } };
}

/** The last leaf before the named one, or before the last that gives a map; null: there is none, or it gives no map. */
function layerBefore({ network, x, params }: Explanation): { params: unknown } | null {
  const leaves = shapesOf(network.description, x.shape)?.leaves ?? [];
  const isMap = (shape: readonly number[]): boolean => shape.length === 4 && shape[2]! * shape[3]! > 1;
  const named = (params as { layer?: string | null } | undefined)?.layer;
  const layer = named == null ? leaves.findLast(({ shape }) => isMap(shape))?.path : network.module(named).path;
  const isInside = (path: string): boolean => path === layer || path.startsWith(`${layer}.`);
  let at = leaves.findLastIndex(({ path }) => isInside(path));
  while (at >= 0 && isInside(leaves[at]!.path)) at--;
  const before = leaves[at];
  const isLastCall = leaves.findLastIndex(({ path }) => path === before?.path) === at;
  if (!before || !isMap(before.shape) || !isLastCall) return null;
  return { params: { ...(params as object | undefined), layer: before.path } };
}

export const givenMutants: readonly Mutant[] = [
  given('class-before', 'the class before the wanted one: classes are counted from 1', ofTargets, (explanation) =>
    shifted(explanation, -1),
  ),
  given(
    'class-after',
    'the class after the wanted one: a background class is counted as class 0',
    ofTargets,
    (explanation) => shifted(explanation, 1),
  ),
  given('channels-bgr', "the image's channels are in the order BGR instead of RGB", ofImages, bgr),
  given('normalised-twice', 'mean and std, for pixels from 0 to 1, are applied twice', ofImages, (explanation) =>
    channelwise(explanation, (pixel, mean, std) => (pixel - mean / 255) / (std / 255)),
  ),
  given(
    'normalised-twice-by-levels',
    'mean and std, for pixels from 0 to 255, are applied twice',
    ofImages,
    (explanation) => channelwise(explanation, (pixel, mean, std) => (pixel - mean) / std),
  ),
  given('not-normalised', 'the image is not normalised: the network sees pixels from 0 to 1', ofImages, (explanation) =>
    channelwise(explanation, (pixel, mean, std) => (pixel * std + mean) / 255),
  ),
  given(
    'not-normalised-levels',
    'the image is not normalised: the network sees pixels from 0 to 255',
    ofImages,
    (explanation) => channelwise(explanation, (pixel, mean, std) => pixel * std + mean),
  ),
  given(
    'layer-before',
    'the layer before the named one: its input instead of its output',
    ['grad-cam', 'hires-cam'],
    layerBefore,
  ),
];
