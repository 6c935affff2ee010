import { TouchstoneError, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import type { RgbImage } from './decode.js';
import { resizeBicubic } from './resize.js';

/**
 * An image as the network's input, [1,C,H,W], with the float32 bits of `touchstone_golden.images.preprocess`: shorter
 * side to `resize` (bicubic, antialiased), centre crop, `(pixel − mean) / std`; sizes and offsets are rounded as
 * torchvision's `Resize` and `CenterCrop` round them. A network with one channel gets the luminance. @throws
 * TouchstoneError `bad-network` without "preprocess", `bad-image` where the image is too small
 */
export function preprocessImage(image: RgbImage, network: NetworkDescription): HostTensor {
  const how = network.preprocess;
  if (!how) {
    throw new TouchstoneError(
      'bad-network',
      `network ${network.name} has no "preprocess", which says how an image becomes its input`,
      'Give a tensor with --input, or add "preprocess" to its network.json.',
    );
  }
  const [channels, height, width] = network.input.shape;
  const [cropHeight, cropWidth] = how.crop;
  if (
    (channels !== 1 && channels !== 3) ||
    cropHeight !== height ||
    cropWidth !== width ||
    how.mean.length !== channels ||
    how.std.length !== channels
  ) {
    throw new TouchstoneError(
      'bad-network',
      `network ${network.name}: "preprocess" (crop ${how.crop.join('×')}, ${how.mean.length} means, ` +
        `${how.std.length} deviations) does not give its input [${network.input.shape.join(',')}]`,
      'Make crop, mean and std of "preprocess" in network.json fit input.shape.',
    );
  }
  const scaled = shorterSide(image, how.resize);
  if (scaled.width < cropWidth || scaled.height < cropHeight) {
    throw new TouchstoneError(
      'bad-image',
      `the image, scaled to ${scaled.width}×${scaled.height}, is smaller than the crop ${cropWidth}×${cropHeight}`,
      "Give an image whose sides are closer to the network's input.",
    );
  }
  const source = channels === 1 ? luminance(image.rgb) : image.rgb;
  const pixels = resizeBicubic(source, image.width, image.height, channels, scaled.width, scaled.height);

  const top = roundHalfEven((scaled.height - cropHeight) / 2);
  const left = roundHalfEven((scaled.width - cropWidth) / 2);
  const data = new Float32Array(channels * height * width);
  for (let c = 0, i = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const pixel = pixels[((top + y) * scaled.width + left + x) * channels + c]!;
        data[i] = Math.fround(pixel - Math.fround(how.mean[c]!)) / Math.fround(how.std[c]!);
      }
    }
  }
  return { shape: [1, channels, height, width], data };
}

function shorterSide({ width, height }: RgbImage, size: number) {
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

/** Python's `round`. */
function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low % 2) : Math.round(value);
}
