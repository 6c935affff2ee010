/** A block of text lines and colour bars, of a given width. */
import type { RgbImage } from '../decode.js';
import { rasterise } from '../rasterise.js';
import type { Size } from '../resize.js';
import { colourMaps, type ColourMapName } from './colour-map.js';
import { endsOf, type ShownMap } from './shown-map.js';
import { LINE, textAt, widthOf, wrap, type TextStyle } from './text.js';

export interface Bar {
  readonly map: ShownMap;
  readonly colourMap: ColourMapName;
}

/** A paragraph: the first of a title is bold, notes are grey. */
export interface Paragraph {
  readonly text: string;
  readonly kind: 'title' | 'text' | 'note';
}

const styles = {
  title: { size: 1.25, colour: '#111', bold: true },
  text: { size: 1, colour: '#111' },
  note: { size: 1, colour: '#555' },
} as const;
/** In em. */
const BAR = { height: 0.8, tick: 0.25, gap: 0.5, widest: 60 } as const;

/** null: nothing is written. @param em of the text, in pixels */
export async function drawCaption(
  parts: readonly (Paragraph | Bar)[],
  width: number,
  em: number,
): Promise<RgbImage | null> {
  const shapes: string[] = [];
  const bars: { top: number; bar: Bar }[] = [];
  let top = 0;
  for (const part of parts) {
    if ('map' in part) {
      top += BAR.gap * em;
      bars.push({ top: Math.round(top), bar: part });
      const below = Math.round(top) + Math.round(BAR.height * em);
      shapes.push(...labels(part, barWidth(width, em), below, em));
      top = below + (BAR.tick + LINE) * em;
    } else {
      const style: TextStyle = { ...styles[part.kind], size: styles[part.kind].size * em };
      for (const line of wrap(part.text, style.size, width)) {
        shapes.push(textAt(line, 0, top, style));
        top += LINE * style.size;
      }
    }
  }
  if (top === 0) return null;
  const image = await rasterise(width, Math.ceil(top), shapes);
  for (const { top: y, bar } of bars)
    paintBar(image, bar, y, { width: barWidth(width, em), height: Math.round(BAR.height * em) });
  return image;
}

/** A longer bar is no easier to read. */
function barWidth(width: number, em: number): number {
  return Math.min(width, BAR.widest * em);
}

function paintBar(image: RgbImage, { map, colourMap }: Bar, top: number, { width, height }: Size): void {
  const { table, diverging } = colourMaps[colourMap];
  const { low, high } = endsOf(map, diverging);
  const last = Math.max(1, width - 1);
  for (let y = top; y < top + height; y++)
    for (let x = 0; x < width; x++) {
      const level = high > low ? Math.round((255 * x) / last) : diverging ? 128 : 0;
      image.rgb.set(table.subarray(3 * level, 3 * level + 3), 3 * (y * image.width + x));
    }
}

/** The values at the ends, and 0 where it lies between them. */
function labels({ map, colourMap }: Bar, width: number, top: number, em: number): string[] {
  const { low, high } = endsOf(map, colourMaps[colourMap].diverging);
  const style = { size: em, colour: '#111' };
  const below = top + BAR.tick * em;
  if (low === high) return [textAt('0 everywhere', 0, below, style)];
  const left = `${map.least < low ? '≤ ' : ''}${short(low)}`;
  const right = `${map.most > high ? '≥ ' : ''}${short(high)}`;
  const written = [textAt(left, 0, below, style), textAt(right, width - widthOf(right, em), below, style)];
  const at = (-low / (high - low)) * width;
  const half = widthOf('0', em) / 2;
  if (low < 0 && high > 0) {
    written.push(
      `<rect x="${(at - em / 28).toFixed(2)}" y="${top}" width="${(em / 14).toFixed(2)}" ` +
        `height="${(BAR.tick * em).toFixed(2)}" fill="#111"/>`,
    );
    const isFree = at - half > widthOf(`${left} `, em) && at + half < width - widthOf(` ${right}`, em);
    if (isFree) written.push(textAt('0', at - half, below, style));
  }
  return written;
}

/** Three digits. */
export function short(value: number): string {
  const size = Math.abs(value);
  const text =
    size === 0 || (size >= 0.001 && size < 1e5) ? String(Number(value.toPrecision(3))) : value.toExponential(2);
  return text.replaceAll('-', '−');
}
