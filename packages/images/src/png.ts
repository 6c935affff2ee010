import { writeWhole } from '@touchstone/system';
import type { RgbImage } from './decode.js';
import { loadSharp } from './load-sharp.js';

/** The same image always gives the same bytes: no time stamp, fixed compression. */
export async function encodePng({ width, height, rgb }: RgbImage): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9, palette: false })
    .toBuffer();
}

/** @throws TouchstoneError `missing-package` where images cannot be written */
export async function checkSharp(): Promise<void> {
  await loadSharp();
}

export async function writePng(file: string, image: RgbImage): Promise<void> {
  writeWhole(file, await encodePng(image));
}
