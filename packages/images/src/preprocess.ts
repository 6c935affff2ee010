import { TouchstoneError, type HostTensor, type NetworkDescription, type Preprocess } from '@touchstone/contract';
import type { RgbImage } from './decode.js';
import { resizeRegion, type Region, type Size } from './resize.js';
import { roundHalfEven } from './rounding.js';

/** Which part of an image a network sees. */
export interface Placement {
  /** The image as it is resized. */
  readonly resized: Size;
  /** The part of it that is kept. */
  readonly region: Region;
}

/**
 * An image as the network's input, [1,C,H,W], with the float32 bits of torchvision's `Resize`, `CenterCrop`,
 * `ToTensor` (for pixels from 0 to 1) and `Normalize` on Pillow's image. A network with one channel gets the luminance.
 * @throws TouchstoneError `bad-network` without "preprocess", `bad-image` where the image is too small
 */
export function preprocessImage(image: RgbImage, network: NetworkDescription): HostTensor {
  const how = preprocessOf(network);
  const [channels, height, width] = network.input.shape;
  const { resized: size, region } = placementOf(image, network);
  const { interpolation = 'bicubic', antialias = true } = how;
  const source = channels === 1 ? luminance(image.rgb) : image.rgb;
  const pixels = resizeRegion(source, image, channels, { size, region, resampling: { interpolation, antialias } });
  return { shape: [1, channels, height, width], data: normalised(pixels, how) };
}

/** Where the network looks. @throws as `preprocessImage` */
export function placementOf(image: Size, network: NetworkDescription): Placement {
  const size = shorterSide(image, preprocessOf(network).resize);
  const [, height, width] = network.input.shape;
  if (size.width < width || size.height < height) {
    throw new TouchstoneError(
      'bad-image',
      `the image, scaled to ${size.width}×${size.height}, is smaller than the crop ${width}×${height}`,
      "Give an image whose sides are closer to the network's input.",
    );
  }
  const region = {
    left: roundHalfEven((size.width - width) / 2),
    top: roundHalfEven((size.height - height) / 2),
    width,
    height,
  };
  return { resized: size, region };
}

function preprocessOf({ name, preprocess, input: { shape } }: NetworkDescription): Preprocess {
  if (!preprocess) {
    throw new TouchstoneError(
      'bad-network',
      `network ${name} has no "preprocess", which says how an image becomes its input`,
      'Give a tensor with --input, or add "preprocess" to its network.json.',
    );
  }
  const { crop, mean, std, channelOrder } = preprocess;
  const [channels, height, width] = shape;
  const fits = crop[0] === height && crop[1] === width && mean.length === channels && std.length === channels;
  if ((channels !== 1 && channels !== 3) || !fits) {
    throw new TouchstoneError(
      'bad-network',
      `network ${name}: "preprocess" (crop ${crop.join('×')}, ${mean.length} means, ` +
        `${std.length} deviations) does not give its input [${shape.join(',')}]`,
      'Make crop, mean and std of "preprocess" in network.json fit input.shape.',
    );
  }
  if (channelOrder === 'BGR' && channels === 1) {
    throw new TouchstoneError(
      'bad-network',
      `network ${name} has one channel, so "channelOrder" of "preprocess" cannot be BGR`,
      'Remove "channelOrder" from network.json.',
    );
  }
  return preprocess;
}

/** Interleaved 8-bit RGB or grey → planes of `(pixel − mean) / std`, each step rounded to float32 as by PyTorch. */
function normalised(pixels: Uint8Array, { mean, std, scale, channelOrder }: Preprocess): Float32Array {
  const channels = mean.length;
  const area = pixels.length / channels;
  const data = new Float32Array(pixels.length);
  const levels = Float32Array.from({ length: 256 }, (_, level) => (scale === '0-1' ? level / 255 : level));
  for (let c = 0, i = 0; c < channels; c++) {
    const from = channelOrder === 'BGR' ? channels - 1 - c : c;
    const [centre, deviation] = [Math.fround(mean[c]!), Math.fround(std[c]!)];
    for (let p = 0; p < area; p++, i++)
      data[i] = Math.fround(levels[pixels[p * channels + from]!]! - centre) / deviation;
  }
  return data;
}

/** Rounded as torchvision's `Resize` rounds. */
function shorterSide({ width, height }: Size, size: number): Size {
  const shorter = Math.min(width, height);
  return { width: Math.floor((size * width) / shorter), height: Math.floor((size * height) / shorter) };
}

/** Pillow's `convert('L')`: ITU-R 601-2 in 16-bit fixed point. */
function luminance(rgb: Uint8Array): Uint8Array {
  return Uint8Array.from(
    { length: rgb.length / 3 },
    (_, i) => (rgb[3 * i]! * 19595 + rgb[3 * i + 1]! * 38470 + rgb[3 * i + 2]! * 7471 + 0x8000) >> 16,
  );
}
