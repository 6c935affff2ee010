/** Heat maps that `renderCompared` drew on scales of their own, such as of several runs, on one. */
import { amplificationOf, panelGap as gap, panelsOnScale, type Plane } from './compared.js';
import type { RgbImage } from './decode.js';

/** What was drawn: three panels, or four. */
export interface DrawnPanels {
  readonly image: RgbImage;
  /** Of one panel. */
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly amplified: number | null;
}

export interface OnOneScale {
  /** In the order given; null: the image is not of the size that is said of it. */
  readonly drawn: readonly (Pick<DrawnPanels, 'image' | 'amplified'> | null)[];
  readonly scale: number;
}

/** The values are read from the colours: each is known to 1/255 of the scale on which it was drawn. */
export function onOneScale(given: readonly DrawnPanels[]): OnOneScale {
  const read = given.map(planesOf);
  const scale = given.reduce((most, each, i) => (read[i] === null ? most : Math.max(most, each.scale)), 0);
  const drawn = read.map((planes) => {
    if (planes === null) return null;
    const amplified = amplificationOf(planes[2], scale);
    return { image: panelsOnScale(planes, { scale, amplified, longest: 1 }), amplified };
  });
  return { drawn, scale };
}

/** Golden, answer and difference; the difference from the panel that shows it best. */
function planesOf({ image, width, height, scale, amplified }: DrawnPanels): [Plane, Plane, Plane] | null {
  const panels = amplified === null ? 3 : 4;
  if (image.width !== panels * (width + gap) + gap || image.height !== height + 2 * gap) return null;
  const at = (panel: number, ofScale: number): Plane => {
    const values = new Float64Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const from = 3 * ((y + gap) * image.width + panel * (width + gap) + gap + x);
        values[y * width + x] = valueOf(image.rgb.subarray(from, from + 3), ofScale);
      }
    return { width, height, values };
  };
  return [at(0, scale), at(1, scale), amplified === null ? at(2, scale) : at(3, scale / amplified)];
}

/** What `colourOf` of compared.ts shows. */
function valueOf([red, green, blue]: Uint8Array, scale: number): number {
  if (red === 255 && blue === green) return (scale * (255 - green!)) / 255;
  if (blue === 255 && red === green) return (-scale * (255 - red!)) / 255;
  return NaN;
}
