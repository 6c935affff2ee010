import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { TouchstoneError } from '@touchstone/contract';
import type { RgbImage } from './decode.js';

/** The same image always gives the same bytes: no time stamp, fixed compression. */
export async function encodePng({ width, height, rgb }: RgbImage): Promise<Uint8Array> {
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9, palette: false })
    .toBuffer();
}

export async function writePng(file: string, image: RgbImage): Promise<void> {
  await writeWhole(file, await encodePng(image));
}

/**
 * Written beside and renamed: `file` is whole or not there, also when the machine goes down. Makes its folder.
 * @throws TouchstoneError `bad-input` for what is there and no file, such as /dev/null, whose place it would take
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const beside = `${file}.${process.pid}.part`;
  const there = await stat(file).catch(() => undefined);
  if (there && !there.isFile())
    throw new TouchstoneError(
      'bad-input',
      `${file} is ${there.isDirectory() ? 'a folder' : 'no ordinary file'}`,
      'Check the paths in the command.',
    );
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(beside, content, { flush: true });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
