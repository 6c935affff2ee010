/** Faults of what a method is given: the image, the layer. */
import { normalisationOfLevels, type HostTensor } from '@touchstone/contract';
import { readParts, shapesOf } from '@touchstone/network';
import { explain, type Explanation } from '../core/explain.js';
import { remedy, type Mutant, type Remedy } from '../core/mutant.js';
import { formOf, isMap, mapCalls } from '../core/feature-maps.js';
import { ofImages } from './lists.js';
import { askedLayer } from './remedies.js';

/** @param change null: the fault cannot show here, and the answer is the right one */
export function given(
  id: string,
  fault: string,
  remedy: Remedy,
  of: readonly string[],
  change: (explanation: Explanation) => Partial<Explanation> | null,
): Mutant {
  return {
    id,
    fault,
    remedy,
    of,
    applies: (explanation) => change(explanation) !== null,
    explain: async (method, explanation) => (await explain(method, { ...explanation, ...change(explanation) })).stages,
  };
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

/** The leaf next to the named layer, or to the last that gives a map; null: there is none, or it gives no map. */
function neighbour({ network, x, params }: Explanation, step: 1 | -1): { params: unknown } | null {
  const leaves = shapesOf(network.description, x.shape)?.leaves ?? [];
  const maps = mapCalls(readParts(network.description, x.shape), formOf(params)).map(({ path }) => path);
  const named = (params as { layer?: string | null } | undefined)?.layer;
  const layer = named == null ? maps.at(-1) : network.module(named).path;
  const isInside = (path: string): boolean => path === layer || path.startsWith(`${layer}.`);
  let at = leaves.findLastIndex(({ path }) => isInside(path));
  while (at >= 0 && at < leaves.length && isInside(leaves[at]!.path)) at += step;
  const next = leaves[at];
  const isLastCall = leaves.findLastIndex(({ path }) => path === next?.path) === at;
  if (!next || !maps.includes(next.path) || !isLastCall) return null;
  return { params: { ...(params as object | undefined), layer: next.path } };
}

const layerBefore = (explanation: Explanation) => neighbour(explanation, -1);
const layerAfter = (explanation: Explanation) => neighbour(explanation, 1);

/** The last convolution that gives a map, whatever is asked for. */
function lastConvolution({ network, x, params }: Explanation): { params: unknown } | null {
  const form = formOf(params);
  if (form.tokens) return null;
  const leaves = shapesOf(network.description, x.shape)?.leaves ?? [];
  const maps = leaves.filter(({ shape }) => isMap(shape, form));
  const last = maps.findLast(({ path }) => network.module(path).type === 'Conv2d')?.path;
  const layer = (params as { layer?: string | null } | undefined)?.layer ?? maps.at(-1)?.path;
  return last === undefined || last === layer ? null : { params: { ...(params as object | undefined), layer: last } };
}

const namedLayer = remedy(
  'Take the output of the layer that is named',
  'layer.output',
  'register_forward_hook(lambda module, args, output: store(output))',
);

export const givenMutants: readonly Mutant[] = [
  given(
    'channels-bgr',
    "the image's channels are in the order BGR instead of RGB",
    remedy('Give the channels in the order RGB', 'x.reverse(3)', 'x.flip(1)'),
    ofImages,
    bgr,
  ),
  given(
    'normalised-twice',
    'mean and std, for pixels from 0 to 1, are applied twice',
    remedy('Give the image as it is: it is normalised already'),
    ofImages,
    (explanation) => channelwise(explanation, (pixel, mean, std) => (pixel - mean / 255) / (std / 255)),
  ),
  given(
    'normalised-twice-by-levels',
    'mean and std, for pixels from 0 to 255, are applied twice',
    remedy('Give the image as it is: it is normalised already'),
    ofImages,
    (explanation) => channelwise(explanation, (pixel, mean, std) => (pixel - mean) / std),
  ),
  given(
    'not-normalised',
    'the image is not normalised: the network sees pixels from 0 to 1',
    remedy('Normalise once', 'x.sub(mean).div(std)', '(x - mean) / std'),
    ofImages,
    (explanation) => channelwise(explanation, (pixel, mean, std) => (pixel * std + mean) / 255),
  ),
  given(
    'not-normalised-levels',
    'the image is not normalised: the network sees pixels from 0 to 255',
    remedy('Divide by 255, then normalise', 'x.div(255).sub(mean).div(std)', '(x / 255 - mean) / std'),
    ofImages,
    (explanation) => channelwise(explanation, (pixel, mean, std) => pixel * std + mean),
  ),
  given(
    'layer-before',
    'the layer before the named one: its input instead of its output',
    namedLayer,
    ['grad-cam', 'hires-cam'],
    layerBefore,
  ),
  given(
    'last-convolution',
    'always the last convolution instead of the layer that is asked for',
    askedLayer,
    ['grad-cam', 'hires-cam'],
    lastConvolution,
  ),
  given('layer-after', 'the layer after the named one', namedLayer, ['grad-cam', 'hires-cam'], layerAfter),
  given(
    'normalised-to-minus-one',
    'the image is scaled from −1 to 1 instead of by mean and std',
    remedy('Normalise by mean and std', 'x.div(255).sub(mean).div(std)', '(x / 255 - mean) / std'),
    ofImages,
    (explanation) => channelwise(explanation, (pixel, mean, std) => (pixel * std + mean) / 127.5 - 1),
  ),
  given(
    'std-missing',
    'the mean is subtracted, and the image is not divided by std',
    remedy('Divide by std', 'x.div(255).sub(mean).div(std)', '(x / 255 - mean) / std'),
    ofImages,
    (explanation) => channelwise(explanation, (pixel, _mean, std) => (pixel * std) / 255),
  ),
];
