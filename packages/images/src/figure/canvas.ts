/** Images of other images. */
import type { RgbImage } from '../decode.js';
import { loadSharp } from '../load-sharp.js';
import type { Size } from '../resize.js';

export function blank({ width, height }: Size): RgbImage {
  return { width, height, rgb: new Uint8Array(3 * width * height).fill(255) };
}

/** Into the image, which has room for it. */
export function paste(into: RgbImage, { width, height, rgb }: RgbImage, left: number, top: number): void {
  for (let y = 0; y < height; y++)
    into.rgb.set(rgb.subarray(3 * y * width, 3 * (y + 1) * width), 3 * ((y + top) * into.width + left));
}

export interface Bounds {
  /** Of the longer side. */
  readonly side: number;
  readonly pixels: number;
}

/** The size within bounds, of the same shape as far as whole pixels allow. */
export function sizeWithin({ width, height }: Size, { side, pixels }: Bounds): Size {
  const factor = Math.min(1, side / Math.max(width, height), Math.sqrt(pixels / (width * height)));
  return { width: Math.max(1, Math.floor(width * factor)), height: Math.max(1, Math.floor(height * factor)) };
}

/** Scaled down, smoothly. */
export async function scaledTo(image: RgbImage, { width, height }: Size): Promise<RgbImage> {
  if (width === image.width && height === image.height) return image;
  const sharp = await loadSharp();
  const rgb = await sharp(image.rgb, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer();
  return { width, height, rgb };
}
