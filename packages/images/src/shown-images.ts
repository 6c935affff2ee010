import { normalisationOfLevels, type HostTensor, type Preprocess, type Stages } from '@touchstone/contract';
import type { ImageStyle } from '@touchstone/methods';
import type { RgbImage } from './decode.js';
import { drawLines, drawScatter } from './drawing.js';
import { range, renderGradient, renderHeatmap, renderInput, renderKernels, renderMaps, shownStage } from './render.js';

/** A method's answer and its request. */
export interface Exhibit {
  readonly stages: Stages;
  /** The network's input [N,C,H,W]. */
  readonly x: HostTensor;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
  readonly preprocess: Preprocess | undefined;
}

export interface ShownImage {
  /** The suffix in its file name; null: it is the first image. */
  readonly suffix: string | null;
  readonly caption: string;
  readonly image: RgbImage;
}

/** The suffixes of the images that a style draws next to the first. */
export const suffixesOf: Readonly<Record<ImageStyle, RegExp>> = {
  gradient: /^$/,
  guided: /^$/,
  deconv: /^$/,
  heatmap: /^map$/,
  maps: /^[\w.#-]+$/,
  kernels: /^$/,
  scatter: /^$/,
  fooling: /^difference(-x10)?$/,
  pixels: /^$/,
};

/** The most grids of feature maps shown in addition to the first; with more layers there are none. */
const MAX_GRIDS = 16;

/** The images that show image n of the batch, the main one first; none if no stage can be drawn. */
export async function imagesOf(style: ImageStyle, exhibit: Exhibit, n = 0): Promise<ShownImage[]> {
  return drawers[style](exhibit, n);
}

type Drawer = (exhibit: Exhibit, n: number) => ShownImage[] | Promise<ShownImage[]>;

const gradient =
  (style: 'gradient' | 'guided' | 'deconv'): Drawer =>
  ({ stages, preprocess }, n) => {
    const shown = shownStage(stages);
    return shown === null
      ? []
      : [
          {
            suffix: null,
            caption: 'the attribution',
            image: renderGradient(style, shown.tensor, n, preprocess?.channelOrder),
          },
        ];
  };

const drawers: Record<ImageStyle, Drawer> = {
  gradient: gradient('gradient'),
  guided: gradient('guided'),
  deconv: gradient('deconv'),
  heatmap: ({ stages, x, preprocess }, n) => {
    const shown = shownStage(stages);
    if (shown === null) return [];
    const { image, map } = renderHeatmap(shown.tensor, x, preprocess, n);
    return [
      { suffix: null, caption: 'the map over the image', image },
      { suffix: 'map', caption: 'the map alone', image: map },
    ];
  },
  maps: ({ stages }, n) => {
    const shown = shownStage(stages);
    if (shown === null) return [];
    const layers = Object.entries(stages).filter(([name, { shape }]) => name !== 'attribution' && shape.length === 4);
    const first = {
      suffix: null,
      caption: `feature maps of ${shown.name === 'attribution' ? (layers.at(-1)?.[0] ?? 'the layer') : shown.name}`,
      image: renderMaps(shown.tensor, n),
    };
    if (layers.length < 2 || layers.length > MAX_GRIDS) return [first];
    return [
      first,
      ...layers.map(([name, maps]) => ({
        suffix: name.replace(/[^\w.#-]/g, '_'),
        caption: `feature maps of ${name}`,
        image: renderMaps(maps, n),
      })),
    ];
  },
  kernels: async ({ stages, x, fixtures }) => {
    const { lines, region, extent, attribution } = stages;
    if (lines && region && extent) {
      return [
        {
          suffix: null,
          caption: "the data, the classes' regions, each hidden unit's line",
          image: await drawLines({ region, lines, extent: extent.data[0]!, data: x, labels: fixtures['labels'] }),
        },
      ];
    }
    if (attribution?.shape.length !== 4) return [];
    return [{ suffix: null, caption: 'the kernels, each normalised on its own', image: renderKernels(attribution) }];
  },
  scatter: async ({ stages, fixtures }) => {
    const { attribution } = stages;
    const { labels } = fixtures;
    return attribution
      ? [
          {
            suffix: null,
            caption: labels
              ? 'the embedding, in the colours of the classes'
              : 'the embedding; labels [N] would colour it',
            image: await drawScatter(attribution, labels),
          },
        ]
      : [];
  },
  fooling: ({ stages, x, preprocess }, n) => {
    const { attribution } = stages;
    if (!attribution) return [];
    if (attribution.data.length !== x.data.length) return [];
    return [
      { suffix: null, caption: 'the fooling image', image: renderInput(attribution, preprocess, n) },
      { suffix: 'difference', caption: 'the difference', image: renderDifference(attribution, x, preprocess, 1, n) },
      {
        suffix: 'difference-x10',
        caption: 'the difference, ten times',
        image: renderDifference(attribution, x, preprocess, 10, n),
      },
    ];
  },
  pixels: ({ stages, preprocess }, n) => {
    const { attribution } = stages;
    return attribution ? [{ suffix: null, caption: 'the image', image: renderInput(attribution, preprocess, n) }] : [];
  },
};

/** ½ + times·(changed − x) in pixels of [0,1]; without preprocessing the input's own range counts as 1. Image n. */
function renderDifference(
  changed: HostTensor,
  x: HostTensor,
  preprocess: Preprocess | undefined,
  times: number,
  n: number,
): RgbImage {
  const [, channels, height, width] = x.shape as [number, number, number, number];
  const size = channels * height * width;
  const { low, high } = range(x.data.subarray(n * size, (n + 1) * size));
  const { std } = preprocess ? normalisationOfLevels(preprocess) : { std: [] };
  const scale = (i: number): number =>
    preprocess ? std[Math.floor(i / (height * width)) % channels]! / 255 : 1 / (high - low || 1);
  const data = x.data.map((value, i) => 0.5 + times * scale(i) * (changed.data[i]! - value));
  return renderInput({ shape: x.shape, data }, asTheyAre(channels, preprocess?.channelOrder), n);
}

/** Pixels of [0,1] instead of a network's input. */
function asTheyAre(channels: number, channelOrder: Preprocess['channelOrder']): Preprocess {
  const each = (value: number): number[] => Array.from({ length: channels }, () => value);
  return { resize: 1, crop: [1, 1], channelOrder, scale: '0-1', mean: each(0), std: each(1) };
}
