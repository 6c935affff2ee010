import sharp from 'sharp';
import { TouchstoneError } from '@touchstone/contract';
import { maxBytes, readBounded } from '@touchstone/system';

/** 8-bit RGB, row-major, three bytes a pixel. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

const MAX_PIXELS = 50e6;
const FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp']);

/**
 * Reads a JPEG, PNG or WebP like Pillow's `Image.open(file).convert('RGB')`, but applies the EXIF orientation and draws
 * transparency on white. An embedded colour profile is ignored, as by Pillow; applying it moves scikit-image's `rocket`
 * by 5.7 grey levels. Of an animation, the first frame.
 * @throws TouchstoneError `bad-image`; sizes are checked before a pixel is decoded.
 */
export async function readImage(file: string): Promise<RgbImage> {
  const bytes = readBounded(file, maxBytes.image, 'bad-image', 'Give a JPEG, PNG or WebP file of at most 64 MiB.');
  if (bytes.length === 0) throw new TouchstoneError('bad-image', `${file} is empty`, 'Download or save it again.');
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
  if (head.width * head.height > MAX_PIXELS) {
    throw new TouchstoneError(
      'bad-image',
      `${file} has ${head.width}×${head.height} pixels; at most ${MAX_PIXELS / 1e6} million are read`,
      'Scale the image down first.',
    );
  }
  try {
    const decoded = sharp(bytes, options).autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb');
    const { data, info } = await decoded.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return {
      width: info.width,
      height: info.height,
      rgb: info.channels === 3 ? data : expandGrey(data, info.channels),
    };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new TouchstoneError(
      'bad-image',
      `${file} is a damaged ${head.format.toUpperCase()} (${why})`,
      'Open it in an image viewer and save it again.',
    );
  }
}

function expandGrey(data: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = data[Math.floor(i / 3) * channels]!;
  return rgb;
}
