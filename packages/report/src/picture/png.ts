import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';
import type { Picture } from './decode.js';

/** The same picture always gives the same bytes: no time stamp, fixed compression. */
export async function encodePng({ width, height, rgb }: Picture): Promise<Uint8Array> {
  return sharp(rgb, { raw: { width, height, channels: 3 } }).png({ compressionLevel: 9, palette: false }).toBuffer();
}

export async function writePng(file: string, picture: Picture): Promise<void> {
  await writeWhole(file, await encodePng(picture));
}

/** Written beside and renamed: `file` is whole or not there. Makes its folder. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const beside = `${file}.${process.pid}.part`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(beside, content);
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
