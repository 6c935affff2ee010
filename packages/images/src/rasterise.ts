import type { RgbImage } from './decode.js';
import { loadSharp } from './load-sharp.js';

/** SVG shapes on white, rasterised by librsvg, which comes with sharp. No `<text>`: fonts differ between machines. */
export async function rasterise(width: number, height: number, shapes: readonly string[]): Promise<RgbImage> {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`;
  const svg = `${head}<rect width="100%" height="100%" fill="#fff"/>${shapes.join('')}</svg>`;
  const sharp = await loadSharp();
  const rgb = await sharp(Buffer.from(svg))
    .flatten({ background: '#ffffff' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer();
  return { width, height, rgb };
}
