import { describe, expect, test } from 'vitest';
import { parse } from '../parse.js';
import { normalisationOfLevels, Preprocess } from './preprocess.js';

const plain = { resize: 16, crop: [16, 16], mean: [0, 0, 0], std: [1, 1, 1] };
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const read = (changes: object) => parse(Preprocess, { ...plain, ...changes }, '"preprocess"', 'bad-network');

test('mean and std of both units are those of the same grey levels', () => {
  const { mean, std } = normalisationOfLevels(read({ ...imagenet, scale: '0-1' }));
  const expected = [123.675, 116.28, 103.53, 58.395, 57.12, 57.375];
  for (const [i, value] of [...mean, ...std].entries()) expect(value).toBeCloseTo(expected[i]!, 10);
  const levels = { mean: [127, 127, 127], std: [128, 128, 128] };
  expect(normalisationOfLevels(read(levels))).toEqual(levels);
});

describe('taken', () => {
  test.each([
    {},
    { scale: '0-255' },
    { scale: '0-1' },
    { ...imagenet, scale: '0-1', interpolation: 'bilinear', antialias: true, channelOrder: 'BGR' },
    { mean: [104, 117, 123], channelOrder: 'BGR' },
    { std: [255, 255, 255] },
    { mean: [120, 120, 120], std: [0.5, 64, 64] },
  ])('%j', (changes) => {
    expect(read(changes)).toMatchObject(changes);
  });
});

describe('refused, with the remedy', () => {
  test.each([
    [
      imagenet,
      /"scale": mean and std are for pixels from 0 to 1, and without "scale" pixels are 0 to 255: write "0-1"/,
    ],
    [{ ...imagenet, scale: '0-255' }, /"scale": mean and std are for pixels from 0 to 1: write "0-1"/],
    [{ mean: [0.5, 0.5, 0.5] }, /write "0-1"/],
    [{ mean: [0, 0.5, 0.5] }, /write "0-1"/],
    [{ std: [1, 0.5, 1] }, /write "0-1"/],
    [{ mean: [120, 120, 120], std: [0.229, 0.224, 0.225] }, /write "0-1"/],
    [{ mean: [120, 120, 120], std: [64, 64, 64], scale: '0-1' }, /"scale": .* above 1 .* write "0-255"/],
    [{ scale: '0..1' }, /"scale"/],
    [{ std: [0, 1, 1] }, /"std\[0\]"/],
    [{ std: [1e-50, 1, 1] }, /"std\[0\]": must be more than 0 in float32/],
    [{ std: [1e39, 1, 1] }, /"std\[0\]"/],
    [{ mean: [Infinity, 0, 0] }, /"mean\[0\]"/],
    [{ mean: [NaN, 0, 0] }, /"mean\[0\]"/],
    [{ interpolation: 'lanczos' }, /"interpolation"/],
    [{ antialias: 'yes' }, /"antialias"/],
    [{ channelOrder: 'GBR' }, /"channelOrder"/],
  ])('%j', (changes, message) => {
    expect(() => read(changes)).toThrow(
      expect.objectContaining({
        code: 'bad-network',
        message: expect.stringMatching(message),
        hint: expect.any(String),
      }),
    );
  });
});
