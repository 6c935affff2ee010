import type { HostTensor } from '@touchstone/contract';
import { expect, it } from 'vitest';
import { renderCompared } from './compared.js';

const tensor = (shape: number[], values: number[]): HostTensor => ({ shape, data: Float64Array.from(values) });
const pixel = ({ width, rgb }: { width: number; rgb: Uint8Array }, x: number, y: number): number[] =>
  Array.from(rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3));

it('expected, got and difference have one scale; a faint difference is amplified', () => {
  const found = renderCompared(tensor([1, 1, 1, 2], [1, -2]), tensor([1, 1, 1, 2], [1, -1.99]))!;
  expect(found).toMatchObject({ scale: 2, amplified: 100, plane: '' });
  const { image } = found;
  expect([image.width, image.height]).toEqual([4 * 192 + 5 * 8, 96 + 16]);
  const at = (panel: number, column: number) => pixel(image, 8 + panel * 200 + column * 96 + 5, 20);
  expect([at(0, 0), at(0, 1), at(1, 0), at(2, 0), at(3, 1)]).toEqual([
    [255, 128, 128],
    [0, 0, 255],
    [255, 128, 128],
    [255, 255, 255],
    [255, 127, 127],
  ]);
});

it.each([
  [0.2, null],
  [0.05, 10],
])('a difference of %d of the scale is amplified by %s', (difference, amplified) => {
  const found = renderCompared(tensor([2], [1, 0]), tensor([2], [1, difference]));
  expect(found).toMatchObject({ amplified });
});

it('shows the plane with the largest difference, and NaN in yellow', () => {
  const zeros = tensor(
    [2, 3, 2, 2],
    Array.from({ length: 24 }, () => 0),
  );
  const off = { ...zeros, data: zeros.data.map((_, i) => (i === 18 ? 1 : i === 3 ? 0.5 : 0)) };
  expect(renderCompared(zeros, off)).toMatchObject({ plane: 'image 1, channel 1', amplified: null, scale: 1 });
  const { image } = renderCompared(tensor([2], [1, 2]), tensor([2], [1, NaN]))!;
  expect(pixel(image, 8 + 200 + 96 + 5, 20)).toEqual([255, 214, 0]);
});

it('breaks vectors into rows, and draws nothing of another shape', () => {
  const vector = tensor(
    [2, 100],
    Array.from({ length: 200 }, (_, i) => i),
  );
  expect(renderCompared(vector, vector)!.image).toMatchObject({ width: 3 * 192 + 4 * 8, height: 7 * 12 + 16 });
  expect(renderCompared(vector, tensor([1, 2], [0, 0]))).toBeNull();
});
