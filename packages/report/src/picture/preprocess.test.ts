import { createHash } from 'node:crypto';
import type { NetworkDescription, Preprocess } from '@touchstone/contract';
import { describe, expect, test } from 'vitest';
import type { Picture } from './decode.js';
import { preprocessPicture } from './preprocess.js';
import { resizeBicubic } from './resize.js';

/** A busy picture that NumPy makes as well: (7x + 13y + 50c + 5·(xy mod 31)) mod 256. */
function pattern(width: number, height: number, channels: number): Uint8Array {
  return Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const [c, x, y] = [i % channels, Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    return (7 * x + 13 * y + 50 * c + 5 * ((x * y) % 31)) % 256;
  });
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

// Pillow 13.0: Image.fromarray(pattern).resize(to, Image.BICUBIC)
test.each([
  { size: [97, 61], channels: 3, to: [40, 25], pillow: 'ad7f63067445429131057b7c08b8c629173270655fffef5e92de90c179a88a0b' },
  { size: [97, 61], channels: 3, to: [200, 150], pillow: '04aad225461fcb326e94933d770da7f86889762a11b74790f4c73e59bbb516a9' },
  { size: [64, 64], channels: 3, to: [64, 20], pillow: '7b33c7fd98b92c6394589f1c2377689c3fb16fb9c19e7294ee9b1b730de5c3e3' },
  { size: [33, 47], channels: 1, to: [8, 8], pillow: '70eca8ebb899dbb016ee2dcf738cea61f2ac6c648a7c89779f2f1fb310128a1e' },
  { size: [300, 7], channels: 3, to: [11, 90], pillow: 'ac20ce9b844539def1408d322623be0278ceb5ec3f679f0c0cfb4ae85564314d' },
] as const)('resizing $size×$channels to $to gives the bytes of Pillow', ({ size: [w, h], channels, to, pillow }) => {
  expect(sha256(resizeBicubic(pattern(w, h, channels), w, h, channels, to[0], to[1]))).toBe(pillow);
});

const picture: Picture = { width: 97, height: 61, rgb: pattern(97, 61, 3) };

function network(channels: number, preprocess: Preprocess | undefined, shape = preprocess?.crop ?? [8, 8]): NetworkDescription {
  const [height, width] = shape;
  return {
    format: 'touchstone-network', version: 1, name: 'n', why: '', input: { shape: [channels, height, width] }, modules: {},
    ...(preprocess ? { preprocess } : {}),
  };
}

describe('preprocessing', () => {
  // torchvision 0.30: Compose([Resize(resize, BICUBIC), CenterCrop(crop)]), for one channel after convert('L')
  test.each([
    { channels: 3, resize: 40, crop: [32, 32], torchvision: '2542b9d969bf251827b863f0d96858ff50d14aed103f42fd0fe2c14a0c9c4e27' },
    { channels: 1, resize: 40, crop: [32, 32], torchvision: 'facbcc518f7ad1c064c448a8610d7fe09ff9274e374865d028e40ceee308ee11' },
    { channels: 3, resize: 33, crop: [24, 30], torchvision: 'd175bb6d7637f61110b2604aea1ecbc6e9719b4fe7c94cfd6c62ac99152f80f1' },
    { channels: 1, resize: 33, crop: [24, 30], torchvision: '670d8fe76c55307104383b9fecc220648964fe303a79c88cd8929e53f1de7ad4' },
  ] as const)('gives the pixels of torchvision: $channels channels, $resize, $crop', ({ channels, resize, crop, torchvision }) => {
    const mean = Array.from({ length: channels }, () => 0);
    const std = Array.from({ length: channels }, () => 1);
    const x = preprocessPicture(picture, network(channels, { resize, crop: [...crop], mean, std }));
    expect(x.shape).toEqual([1, channels, ...crop]);
    expect(sha256(Uint8Array.from(x.data))).toBe(torchvision);
  });

  test('normalises each channel by its own mean and deviation', () => {
    const white: Picture = { width: 8, height: 8, rgb: new Uint8Array(192).fill(255) };
    const { data } = preprocessPicture(white, network(3, { resize: 8, crop: [8, 8], mean: [127, 255, 0], std: [128, 2, 255] }));
    expect([data[0], data[64], data[128]]).toEqual([1, 0, 1]);
  });

  test.each([
    { fault: 'no preprocess', net: network(3, undefined), code: 'bad-network' },
    { fault: 'crop is not the input', net: network(3, { resize: 32, crop: [32, 32], mean: [0, 0, 0], std: [1, 1, 1] }, [8, 8]), code: 'bad-network' },
    { fault: 'too few means', net: network(3, { resize: 32, crop: [32, 32], mean: [0], std: [1] }), code: 'bad-network' },
    { fault: 'two channels', net: network(2, { resize: 32, crop: [32, 32], mean: [0, 0], std: [1, 1] }), code: 'bad-network' },
    { fault: 'crop larger than the picture', net: network(3, { resize: 8, crop: [32, 32], mean: [0, 0, 0], std: [1, 1, 1] }), code: 'bad-picture' },
  ])('$fault: $code', ({ net, code }) => {
    expect(() => preprocessPicture(picture, net)).toThrow(expect.objectContaining({ code, hint: expect.any(String) }));
  });
});
