import type { NetworkDescription } from '@touchstone/contract';
import { describe, expect, test } from 'vitest';
import type { RgbImage } from '../decode.js';
import { placementOf, preprocessImage } from '../preprocess.js';
import { colourMaps } from './colour-map.js';
import { drawMap, drawOverlay } from './overlay.js';
import { shownMap } from './shown-map.js';

const network = (resize: number, height: number, width: number): NetworkDescription => ({
  format: 'touchstone-network',
  version: 1,
  name: 'n',
  why: '',
  input: { shape: [1, height, width] },
  modules: {},
  preprocess: { resize, crop: [height, width], interpolation: 'bilinear', mean: [0], std: [1] },
});

/** Black, with a white square around a point. */
function photoWith(width: number, height: number, x: number, y: number, half: number): RgbImage {
  const rgb = new Uint8Array(3 * width * height);
  for (let v = y - half; v < y + half; v++) rgb.fill(255, 3 * (v * width + x - half), 3 * (v * width + x + half));
  return { width, height, rgb };
}

/** The mean position of the weights, in pixels. */
function centre(width: number, weights: ArrayLike<number>): [x: number, y: number] {
  let [sum, x, y] = [0, 0, 0];
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i]!;
    x += weights[i]! * ((i % width) + 0.5);
    y += weights[i]! * (Math.floor(i / width) + 0.5);
  }
  return [x / sum, y / sum];
}

describe('a map lies where the network looked', () => {
  test.each([
    { what: 'landscape', photo: [300, 200], net: network(64, 56, 56), at: [170, 80] },
    { what: 'portrait', photo: [200, 301], net: network(64, 56, 56), at: [60, 190] },
    { what: 'a crop that is not square', photo: [300, 200], net: network(64, 48, 80), at: [100, 70] },
    { what: 'smaller than the input', photo: [30, 20], net: network(64, 56, 56), at: [17, 8] },
    { what: 'very wide', photo: [2000, 50], net: network(64, 56, 56), at: [1010, 20] },
  ])('$what', ({ photo: [width, height], net, at: [x, y] }) => {
    const photo = photoWith(width!, height!, x!, y!, Math.ceil(height! / 25));
    const seen = preprocessImage(photo, net);
    // the map is what the network saw, so over a black photograph it has to show the square where it is
    const map = shownMap(seen, 0, 100);
    const black = { ...photo, rgb: new Uint8Array(photo.rgb.length) };
    const { rgb } = drawOverlay(black, placementOf(photo, net), map, colourMaps.gray);
    const found = centre(
      width!,
      Array.from({ length: width! * height! }, (_, i) => rgb[3 * i]!),
    );
    const pixel = Math.max(1, Math.min(width!, height!) / 64);
    expect(Math.abs(found[0] - x!)).toBeLessThan(0.35 * pixel);
    expect(Math.abs(found[1] - y!)).toBeLessThan(0.35 * pixel);
  });
});

test('no pixel of a map is lost where the photograph is smaller', () => {
  const photo = { width: 3, height: 3, rgb: new Uint8Array(27) };
  for (let hot = 0; hot < 12; hot++) {
    const data = Float32Array.from({ length: 144 }, (_, i) => (i === hot * 13 ? 1 : 0));
    const map = shownMap({ shape: [1, 1, 12, 12], data }, 0, 100);
    const { rgb } = drawOverlay(photo, placementOf(photo, network(12, 12, 12)), map, colourMaps.gray);
    expect(Math.max(...rgb), `the pixel ${hot}, ${hot}`).toBeGreaterThan(0);
  }
});

test('what was cropped away is dark grey, exactly outside of the crop', () => {
  const photo = { width: 20, height: 10, rgb: new Uint8Array(600).fill(200) };
  const zeros = shownMap({ shape: [1, 1, 10, 10], data: new Float32Array(100) }, 0, 100);
  const { rgb } = drawOverlay(photo, placementOf(photo, network(10, 10, 10)), zeros, colourMaps.gray);
  const levels = Array.from({ length: 20 }, (_, x) => rgb[3 * (5 * 20 + x)]);
  expect(levels).toEqual([...Array(5).fill(90), ...Array(10).fill(80), ...Array(5).fill(90)]);
});

describe('colours', () => {
  const row = (...values: number[]) =>
    shownMap({ shape: [1, 1, 1, values.length], data: Float32Array.from(values) }, 0, 100);
  const at = (rgb: Uint8Array, i: number) => [...rgb.subarray(3 * i, 3 * i + 3)];

  test('0 is in the middle of a map that diverges', () => {
    const { rgb } = drawMap(row(-1, 0, 4), colourMaps.RdBu_r);
    const [blue, white, red] = [0, 1, 2].map((i) => at(rgb, i)) as [number[], number[], number[]];
    expect(red).toEqual([103, 0, 31]);
    expect(blue[2]).toBeGreaterThan(blue[0]!);
    expect(Math.min(...white)).toBeGreaterThan(240);
  });

  test('NaN is magenta, and zeros everywhere are the colour of 0', () => {
    expect(at(drawMap(row(NaN, 1), colourMaps.viridis).rgb, 0)).toEqual([255, 0, 255]);
    expect(at(drawMap(row(0, 0), colourMaps.viridis).rgb, 1)).toEqual([68, 1, 84]);
    expect(at(drawMap(row(0, 0), colourMaps.RdBu_r).rgb, 1)).toEqual([247, 246, 246]);
  });
});
