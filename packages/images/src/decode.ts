import { TouchstoneError } from '@touchstone/contract';
import { maxBytes, readBounded } from '@touchstone/system';
import { loadSharp } from './load-sharp.js';

/** 8-bit RGB, row-major, three bytes a pixel. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

const MAX_PIXELS = 50e6;
/** Longer sides take many seconds to decode. */
const MAX_SIDE = 1e6;
const FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp']);

/**
 * Reads a JPEG, PNG or WebP like Pillow's `Image.open(file).convert('RGB')`: transparency and colour profiles are
 * ignored, as by Pillow (applying the profile moves scikit-image's `rocket` by 5.7 grey levels). Two exceptions: the
 * EXIF orientation is applied, and 16-bit grey keeps its high byte, where Pillow clips nearly every pixel to white.
 * Of an animation, the first frame.
 * @throws TouchstoneError `bad-image`; sizes are checked before a pixel is decoded.
 */
export async function readImage(file: string): Promise<RgbImage> {
  const bytes = readBounded(file, maxBytes.image, 'bad-image', 'Give a JPEG, PNG or WebP file of at most 64 MiB.');
  if (bytes.length === 0) throw new TouchstoneError('bad-image', `${file} is empty`, 'Download or save it again.');
  const sharp = await loadSharp();
  const options = { limitInputPixels: MAX_PIXELS, ignoreIcc: true, failOn: 'error' } as const;
  const head = await sharp(bytes, options)
    .metadata()
    .catch(() => undefined);
  if (!head?.format || !FORMATS.has(head.format)) {
    throw new TouchstoneError(
      'bad-image',
      `${file} is not a JPEG, PNG or WebP image`,
      'Convert it to PNG, or give a tensor with --input.',
    );
  }
  if (Math.max(head.width, head.height) > MAX_SIDE || head.width * head.height > MAX_PIXELS) {
    throw new TouchstoneError(
      'bad-image',
      `${file} has ${head.width}×${head.height} pixels; ` +
        `at most ${MAX_PIXELS / 1e6} million are read, and ${MAX_SIDE} a side`,
      'Scale the image down first.',
    );
  }
  try {
    const decoded = sharp(bytes, options).autoOrient().removeAlpha();
    // libvips would convert inks by a colour profile of its own
    const samples =
      head.space === 'cmyk' ? decoded.pipelineColourspace('cmyk').toColourspace('cmyk') : decoded.toColourspace('srgb');
    const { data, info } = await samples.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, rgb: toRgb(data, info.channels) };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new TouchstoneError(
      'bad-image',
      `${file} is a damaged ${head.format.toUpperCase()} (${why})`,
      'Open it in an image viewer and save it again.',
    );
  }
}

function toRgb(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  return channels === 4 ? fromInks(data) : expandGrey(data, channels);
}

/** Pillow's `convert('RGB')` of CMYK: the light that black leaves, less the share that the ink takes of it. */
function fromInks(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4) {
    const light = 255 - cmyk[from + 3]!;
    for (let c = 0; c < 3; c++) rgb[to++] = light - Math.round((cmyk[from + c]! * light) / 255);
  }
  return rgb;
}

function expandGrey(data: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = data[Math.floor(i / 3) * channels]!;
  return rgb;
}
