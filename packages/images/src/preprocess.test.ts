import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NetworkDescription, parseJson, readSafetensors, type Preprocess } from '@touchstone/contract';
import { describe, expect, test } from 'vitest';
import { readImage, type RgbImage } from './decode.js';
import { preprocessImage } from './preprocess.js';
import { resizeRegion } from './resize.js';

/** An image with much detail, made by the same formula in NumPy: (7x + 13y + 50c + 5·(xy mod 31)) mod 256. */
function pattern(width: number, height: number, channels: number): Uint8Array {
  return Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const [c, x, y] = [i % channels, Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    return (7 * x + 13 * y + 50 * c + 5 * ((x * y) % 31)) % 256;
  });
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

// Pillow 13.0: Image.fromarray(pattern).resize(to, Image.BICUBIC)
test.each([
  {
    size: [97, 61],
    channels: 3,
    to: [40, 25],
    pillow: 'ad7f63067445429131057b7c08b8c629173270655fffef5e92de90c179a88a0b',
  },
  {
    size: [97, 61],
    channels: 3,
    to: [200, 150],
    pillow: '04aad225461fcb326e94933d770da7f86889762a11b74790f4c73e59bbb516a9',
  },
  {
    size: [64, 64],
    channels: 3,
    to: [64, 20],
    pillow: '7b33c7fd98b92c6394589f1c2377689c3fb16fb9c19e7294ee9b1b730de5c3e3',
  },
  {
    size: [33, 47],
    channels: 1,
    to: [8, 8],
    pillow: '70eca8ebb899dbb016ee2dcf738cea61f2ac6c648a7c89779f2f1fb310128a1e',
  },
  {
    size: [300, 7],
    channels: 3,
    to: [11, 90],
    pillow: 'ac20ce9b844539def1408d322623be0278ceb5ec3f679f0c0cfb4ae85564314d',
  },
] as const)('resizing $size×$channels to $to gives the bytes of Pillow', ({ size: [w, h], channels, to, pillow }) => {
  const size = { width: to[0], height: to[1] };
  const whole = { left: 0, top: 0, ...size };
  const resampling = { interpolation: 'bicubic', antialias: true } as const;
  const resized = resizeRegion(pattern(w, h, channels), { width: w, height: h }, channels, {
    size,
    region: whole,
    resampling,
  });
  expect(sha256(resized)).toBe(pillow);
});

const image: RgbImage = { width: 97, height: 61, rgb: pattern(97, 61, 3) };

function network(
  channels: number,
  preprocess: Preprocess | undefined,
  shape = preprocess?.crop ?? [8, 8],
): NetworkDescription {
  const [height, width] = shape;
  return {
    format: 'touchstone-network',
    version: 1,
    name: 'n',
    why: '',
    input: { shape: [channels, height, width] },
    modules: {},
    ...(preprocess ? { preprocess } : {}),
  };
}

// Decoding included: sharp and Pillow give the same pixels of these files.
test.each(['cat.png', 'coffee.png', 'rocket.jpg', 'person.png'])(
  'golden/inputs has, bit for bit, the preprocessed %s',
  async (file) => {
    const golden = fileURLToPath(new URL('../../../golden/', import.meta.url));
    const path = join(golden, 'networks/efficientnet-lite0/network.json');
    const description = parseJson(await readFile(path, 'utf8'), NetworkDescription, path);
    const { tensors } = readSafetensors(
      await readFile(join(golden, 'inputs', `${file.split('.')[0]}.safetensors`)),
      file,
    );
    const x = preprocessImage(await readImage(join(golden, 'inputs/images', file)), description);
    expect(x.shape).toEqual(tensors['x']!.shape);
    expect(Buffer.compare(Buffer.from(x.data.buffer), Buffer.from(Float32Array.from(tensors['x']!.data).buffer))).toBe(
      0,
    );
  },
);

describe('preprocessing', () => {
  // touchstone_golden.images.shrink(pattern, resize, crop), for one channel after convert('L')
  test.each([
    {
      channels: 3,
      resize: 40,
      crop: [32, 32],
      sha: '2542b9d969bf251827b863f0d96858ff50d14aed103f42fd0fe2c14a0c9c4e27',
    },
    {
      channels: 1,
      resize: 40,
      crop: [32, 32],
      sha: 'facbcc518f7ad1c064c448a8610d7fe09ff9274e374865d028e40ceee308ee11',
    },
    {
      channels: 3,
      resize: 33,
      crop: [24, 30],
      sha: 'd175bb6d7637f61110b2604aea1ecbc6e9719b4fe7c94cfd6c62ac99152f80f1',
    },
    {
      channels: 1,
      resize: 33,
      crop: [24, 30],
      sha: '670d8fe76c55307104383b9fecc220648964fe303a79c88cd8929e53f1de7ad4',
    },
  ] as const)(
    'gives the pixels of touchstone_golden: $channels channels, $resize, $crop',
    ({ channels, resize, crop, sha }) => {
      const mean = Array.from({ length: channels }, () => 0);
      const std = Array.from({ length: channels }, () => 1);
      const x = preprocessImage(image, network(channels, { resize, crop: [...crop], mean, std }));
      expect(x.shape).toEqual([1, channels, ...crop]);
      expect(sha256(Uint8Array.from(x.data))).toBe(sha);
    },
  );

  test('gives the float32 bits of touchstone_golden where mean and deviation are not binary fractions', () => {
    const { data } = preprocessImage(
      image,
      network(3, { resize: 40, crop: [32, 32], mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] }),
    );
    expect(sha256(new Uint8Array(data.buffer))).toBe(
      '4bda4f424b1a2c477ff7b6ef0b7f0585d225f9f8fa9dcbe77af12cc1d117ee26',
    );
  });

  test('normalises each channel by its own mean and deviation', () => {
    const white: RgbImage = { width: 8, height: 8, rgb: new Uint8Array(192).fill(255) };
    const { data } = preprocessImage(
      white,
      network(3, { resize: 8, crop: [8, 8], mean: [127, 255, 0], std: [128, 2, 255] }),
    );
    expect([data[0], data[64], data[128]]).toEqual([1, 0, 1]);
  });

  test('of an image that is 1 pixel wide, only what the crop needs is computed', () => {
    const tall: RgbImage = { width: 1, height: 60_000, rgb: pattern(1, 60_000, 3) };
    const { shape, data } = preprocessImage(
      tall,
      network(3, { resize: 4096, crop: [4, 4096], mean: [0, 0, 0], std: [1, 1, 1] }),
    );
    expect(shape).toEqual([1, 3, 4, 4096]);
    // rows 122,878,000 … of 245,760,000: between pixels 29,999 and 30,000
    const [above, below] = [29_999, 30_000].map((y) => tall.rgb[3 * y]!) as [number, number];
    for (const value of data.subarray(0, 4 * 4096)) {
      expect(value).toBeGreaterThanOrEqual(Math.min(above, below) - 20);
      expect(value).toBeLessThanOrEqual(Math.max(above, below) + 20);
    }
  });

  test.each([
    { fault: 'no preprocess', net: network(3, undefined), code: 'bad-network' },
    {
      fault: 'crop is not the input',
      net: network(3, { resize: 32, crop: [32, 32], mean: [0, 0, 0], std: [1, 1, 1] }, [8, 8]),
      code: 'bad-network',
    },
    {
      fault: 'too few means',
      net: network(3, { resize: 32, crop: [32, 32], mean: [0], std: [1] }),
      code: 'bad-network',
    },
    {
      fault: 'two channels',
      net: network(2, { resize: 32, crop: [32, 32], mean: [0, 0], std: [1, 1] }),
      code: 'bad-network',
    },
    {
      fault: 'crop larger than the image',
      net: network(3, { resize: 8, crop: [32, 32], mean: [0, 0, 0], std: [1, 1, 1] }),
      code: 'bad-image',
    },
  ])('$fault: $code', ({ net, code }) => {
    expect(() => preprocessImage(image, net)).toThrow(expect.objectContaining({ code, hint: expect.any(String) }));
  });
});
