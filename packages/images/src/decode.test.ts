import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readImage } from './decode.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'touchstone-images-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** 2 wide, 1 high: red, blue */
const redBlue = () => sharp(Uint8Array.from([255, 0, 0, 0, 0, 255]), { raw: { width: 2, height: 1, channels: 3 } });

describe('what is read', () => {
  test.each([
    { name: 'png', make: () => redBlue().png(), size: [2, 1], first: [255, 0, 0] },
    { name: 'lossless webp', make: () => redBlue().webp({ lossless: true }), size: [2, 1], first: [255, 0, 0] },
    // orientation 6: rotated by 90° clockwise, so that red is on top
    {
      name: 'jpeg with orientation',
      make: () =>
        sharp({ create: { width: 16, height: 8, channels: 3, background: '#0f0' } })
          .withMetadata({ orientation: 6 })
          .jpeg(),
      size: [8, 16],
      first: [0, 255, 1],
    },
    {
      name: 'transparent png',
      make: () =>
        sharp({ create: { width: 3, height: 2, channels: 4, background: { r: 9, g: 0, b: 200, alpha: 0 } } }).png(),
      size: [3, 2],
      first: [9, 0, 200],
    },
    {
      name: 'grey png',
      make: () =>
        sharp(Uint8Array.from([7, 200]), { raw: { width: 2, height: 1, channels: 1 } })
          .toColourspace('b-w')
          .png(),
      size: [2, 1],
      first: [7, 7, 7],
    },
    {
      name: 'grey png with alpha',
      make: () =>
        sharp(Uint8Array.from([7, 255, 9, 0]), { raw: { width: 2, height: 1, channels: 2 } })
          .toColourspace('b-w')
          .png(),
      size: [2, 1],
      first: [7, 7, 7],
    },
    { name: '16-bit png', make: () => redBlue().toColourspace('rgb16').png(), size: [2, 1], first: [255, 0, 0] },
    { name: 'palette png', make: () => redBlue().png({ palette: true }), size: [2, 1], first: [255, 0, 0] },
  ])('$name', async ({ name, make, size, first }) => {
    const { width, height, rgb } = await readImage(await file(name, await make().toBuffer()));
    expect([width, height]).toEqual(size);
    expect(rgb.length).toBe(width * height * 3);
    for (const [i, value] of first.entries()) expect(Math.abs(rgb[i]! - value)).toBeLessThanOrEqual(2);
  });

  test('of an animation the first frame', async () => {
    const frames = [Uint8Array.from([255, 0, 0]), Uint8Array.from([0, 0, 255])].map((pixel) =>
      sharp(pixel, { raw: { width: 1, height: 1, channels: 3 } })
        .png()
        .toBuffer(),
    );
    const animated = await sharp(await Promise.all(frames), { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer();
    expect((await sharp(animated).metadata()).pages).toBe(2);
    const { height, rgb } = await readImage(await file('animated.webp', animated));
    expect([height, ...rgb]).toEqual([1, 255, 0, 0]);
  });
});

describe('what is refused, as bad-image with a remedy', () => {
  const cut = async () =>
    (
      await sharp({ create: { width: 64, height: 64, channels: 3, background: '#123' } })
        .png()
        .toBuffer()
    ).subarray(0, 120);
  /** A PNG header that announces 100,000 × 100,000 pixels, without any. */
  const bomb = async () => {
    const png = Buffer.from(await redBlue().png().toBuffer());
    png.writeUInt32BE(100_000, 16);
    png.writeUInt32BE(100_000, 20);
    return png;
  };
  /** A PNG header that announces 30,000,000 × 1 pixels. */
  const long = async () => {
    const png = Buffer.from(await redBlue().png().toBuffer());
    png.writeUInt32BE(30_000_000, 16); // the checksum does not fit, which is found later
    return png;
  };
  test.each([
    ['text.png', async () => 'not an image', /not a JPEG, PNG or WebP/],
    ['empty.png', async () => '', /empty/],
    ['cut.png', cut, /damaged PNG/],
    ['bomb.png', bomb, /not a JPEG|million/],
    ['long.png', long, /30000000×1 pixels; .* 1000000 a side/],
    [
      'drawing.svg',
      async () => '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
      /not a JPEG, PNG or WebP/,
    ],
    ['moving.gif', () => redBlue().gif().toBuffer(), /not a JPEG, PNG or WebP/],
  ])('%s', async (name, make, message) => {
    const path = await file(name, await make());
    await expect(readImage(path)).rejects.toMatchObject({
      code: 'bad-image',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    });
  });

  test.each([
    ['nowhere.png', /no such file/],
    ['.', /is not a file, but a folder/],
  ])('%s does not exist as a file', async (name, message) => {
    await expect(readImage(join(folder, name))).rejects.toMatchObject({
      code: 'bad-image',
      message: expect.stringMatching(message),
    });
  });
});
