/** One image of a figure: the input, a map, or what another method makes. */
import { TouchstoneError, type HostTensor, type NetworkDescription, type Stages } from '@touchstone/contract';
import type { ImageStyle } from '@touchstone/methods';
import type { RgbImage } from '../decode.js';
import { placementOf, type Placement } from '../preprocess.js';
import { enlarge, renderInput, shownStage } from '../render.js';
import { imagesOf } from '../shown-images.js';
import { scaledTo, sizeWithin, type Bounds } from './canvas.js';
import { short, type Bar, type Paragraph } from './caption.js';
import { colourMaps, type ColourMapName } from './colour-map.js';
import { drawMap, drawOverlay } from './overlay.js';
import { shownMap, type ShownMap } from './shown-map.js';

/** What is explained. Of a batch, image 0. */
export interface Subject {
  /** [N,C,H,W], preprocessed. */
  readonly x: HostTensor;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
  /** From which x was made, where it was. */
  readonly photo?: RgbImage | undefined;
  readonly network: NetworkDescription;
}

/** A method's answer. */
export interface Explanation {
  /** The id of the method, for errors. */
  readonly method: string;
  readonly style: ImageStyle;
  readonly stages: Stages;
  readonly title: string;
  /** What a reader has to know about it. */
  readonly notes: readonly string[];
}

export interface FigureStyle {
  /** Maps lie over the whole photograph. */
  readonly overlay: boolean;
  /** With titles, colour bars and notes. */
  readonly legend: boolean;
  /** Left out: viridis, and RdBu_r for values of both signs. */
  readonly colourMap?: ColourMapName | undefined;
  /** Left out: 99 for gradients, and 100, which clips nothing, for other maps. */
  readonly percentile?: number | undefined;
}

export interface Panel {
  readonly image: RgbImage;
  readonly title: string;
  readonly bar: Bar | null;
  readonly notes: readonly Paragraph[];
}

/** The styles of maps that lie over the input: a value for each pixel, or a number of channels. */
const overInput: ReadonlySet<ImageStyle> = new Set(['gradient', 'guided', 'deconv', 'heatmap']);

/** Whether a figure shows it in the colours of its values, and can lay it over the input. */
export function isMap(style: ImageStyle): boolean {
  return overInput.has(style);
}

/** Larger photographs are scaled down. */
export const photoBounds: Bounds = { side: 16_384, pixels: 25e6 };

/** Whether a figure does not have the photograph's own size, because it is too large. */
export function isScaledDown({ photo }: Subject): boolean {
  if (photo === undefined) return false;
  const { width, height } = sizeWithin(photo, photoBounds);
  return width < photo.width || height < photo.height;
}

/** The photograph, or the network's input, in its own size as far as the bounds allow; small ones are enlarged. */
export async function baseOf(subject: Subject, bounds: Bounds, visible: number): Promise<RgbImage> {
  const base = subject.photo ?? inputOf(subject);
  return enlarge(await scaledTo(base, sizeWithin(base, bounds)), visible);
}

/** @throws TouchstoneError `usage`: no stage of the answer can be drawn */
export async function panelOf(
  subject: Subject,
  explanation: Explanation,
  style: FigureStyle,
  { bounds, visible }: { bounds: Bounds; visible: number },
): Promise<Panel> {
  const { stages, title } = explanation;
  const notes = explanation.notes.map(note);
  if (!isMap(explanation.style)) {
    const { x, fixtures, network } = subject;
    const [first] = await imagesOf(explanation.style, { stages, x, fixtures, preprocess: network.preprocess });
    if (first === undefined) throw notDrawn(explanation);
    const image = enlarge(await scaledTo(first.image, sizeWithin(first.image, bounds)), visible);
    return { image, title, bar: null, notes: [...notes, note(first.caption)] };
  }
  const shown = shownStage(stages);
  if (shown === null) throw notDrawn(explanation);
  const map = shownMap(shown.tensor, 0, style.percentile ?? (explanation.style === 'heatmap' ? 100 : 99));
  const colourMap = style.colourMap ?? (map.low < 0 ? 'RdBu_r' : 'viridis');
  const colours = colourMaps[colourMap];
  const image = style.overlay
    ? drawOverlay(await baseOf(subject, bounds, visible), placement(subject), map, colours)
    : enlarge(await scaledTo(drawMap(map, colours), sizeWithin(map, bounds)), visible);
  if (map.summed) notes.push(note('|values| added up over the channels'));
  if (map.percentile !== null) notes.push(note(clippedText(map)));
  if (map.notFinite > 0) notes.push(note(`NaN or ±∞ at ${map.notFinite} of ${map.values.length} pixels, in magenta`));
  return { image, title, bar: { map, colourMap }, notes };
}

function notDrawn({ method }: Explanation): TouchstoneError {
  return new TouchstoneError(
    'usage',
    `${method}: no stage of the answer is a map, so it cannot be drawn`,
    'Write the numbers with --out FILE.safetensors.',
  );
}

export function note(text: string): Paragraph {
  return { text, kind: 'note' };
}

/** Where something was cropped away. */
export function isCropped(subject: Subject): boolean {
  const { resized, region } = placement(subject);
  return region.width < resized.width || region.height < resized.height;
}

export function inputOf({ x, network }: Subject): RgbImage {
  return renderInput(x, network.preprocess, 0, 1);
}

function placement({ photo, network, x }: Subject): Placement {
  if (photo) return placementOf(photo, network);
  const [height, width] = x.shape.slice(-2) as [number, number];
  return { resized: { width, height }, region: { left: 0, top: 0, width, height } };
}

function clippedText({ percentile, least, most }: ShownMap): string {
  const of =
    least < 0 ? ` of |values| (values from ${short(least)} to ${short(most)})` : ` (largest value ${short(most)})`;
  return `colours end at the ${percentile}${ordinal(percentile!)} percentile${of}`;
}

function ordinal(value: number): string {
  if (!Number.isInteger(value)) return 'th';
  return { 1: 'st', 2: 'nd', 3: 'rd' }[value % 100 > 10 && value % 100 < 14 ? 0 : value % 10] ?? 'th';
}
