import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { dot, integers4, image, values } from '../testing.js';
import { fold, offsets, padSpace, spread, unfold, unfoldAt, type Size2, type Window } from './windows.js';

const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const arrangements = fc
  .record({
    kernelSize: pair(1, 3),
    stride: pair(1, 3),
    dilation: pair(1, 3),
    size: pair(1, 4),
    spare: pair(0, 2),
    channels: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ kernelSize, stride, dilation, size, spare, channels }) => {
    const extent = (i: 0 | 1) => (size[i] - 1) * stride[i] + dilation[i] * (kernelSize[i] - 1) + 1 + spare[i];
    return {
      window: { kernelSize, stride, dilation },
      size: size as Size2,
      shape: [2, extent(0), extent(1), channels] as [number, number, number, number],
    };
  });

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend(backend);
  });

  it('unfoldAt reads each window at its offset', () => {
    fc.assert(
      fc.property(arrangements, ({ window, size, shape }) =>
        tf.tidy(() => {
          const x = integers4(shape);
          const all = x.arraySync();
          for (const [oy, ox] of offsets(window)) {
            const expected = all.map((rows) =>
              Array.from({ length: size[0] }, (_, i) =>
                Array.from({ length: size[1] }, (_, j) => rows[oy + i * window.stride[0]]![ox + j * window.stride[1]]!),
              ),
            );
            expect(unfoldAt(x, [oy, ox], window.stride, size).arraySync()).toEqual(expected);
          }
        }),
      ),
      { numRuns: 40 },
    );
  });

  it('fold is the transpose of unfoldAt: ⟨unfold x, y⟩ = ⟨x, fold y⟩', () => {
    fc.assert(
      fc.property(arrangements, ({ window, size, shape }) =>
        tf.tidy(() => {
          const x = integers4(shape);
          const parts = offsets(window).map((_, i) => integers4([shape[0], size[0], size[1], shape[3]], i + 1));
          const there = offsets(window).reduce(
            (sum, offset, i) => sum + dot(unfoldAt(x, offset, window.stride, size), parts[i]!),
            0,
          );
          const scattered = fold(parts, window, [shape[1], shape[2]]);
          expect(scattered.shape).toEqual(shape);
          expect(dot(x, scattered)).toBe(there);
        }),
      ),
      { numRuns: 60 },
    );
  });
});

const tiling: Window = { kernelSize: [2, 3], stride: [2, 3], dilation: [1, 1] };
it.each<{ name: string; window: Partial<Window>; size: Size2; from: Size2 }>([
  { name: 'windows that tile x', window: {}, size: [2, 3], from: [4, 9] },
  { name: 'rows between windows', window: { kernelSize: [1, 3] }, size: [2, 3], from: [4, 9] },
  { name: 'columns between windows', window: { kernelSize: [2, 2] }, size: [2, 3], from: [4, 9] },
  { name: 'a row left over', window: {}, size: [2, 3], from: [5, 9] },
  { name: 'a column left over', window: {}, size: [2, 3], from: [4, 10] },
  {
    name: 'dilated single pixels',
    window: { kernelSize: [1, 3], stride: [1, 3], dilation: [2, 1] },
    size: [4, 3],
    from: [4, 9],
  },
])('unfold is unfoldAt at every offset: $name', async ({ window, size, from }) => {
  await tf.setBackend('cpu');
  const all = { ...tiling, ...window };
  const x = integers4([2, ...from, 2]);
  const expected = offsets(all).map((offset) => unfoldAt(x, offset, all.stride, size).arraySync());
  expect(unfold(x, all, size).map((part) => part().arraySync())).toEqual(expected);
});

it('counts offsets in row-major order', () => {
  expect(offsets({ kernelSize: [2, 3], stride: [1, 1], dilation: [2, 1] })).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
    [2, 0],
    [2, 1],
    [2, 2],
  ]);
});

it.each<{ rows: Size2; columns: Size2; expected: number[][] }>([
  {
    rows: [0, 0],
    columns: [0, 0],
    expected: [
      [1, 2, 3],
      [4, 5, 6],
    ],
  },
  {
    rows: [1, 0],
    columns: [0, 2],
    expected: [
      [9, 9, 9, 9, 9],
      [1, 2, 3, 9, 9],
      [4, 5, 6, 9, 9],
    ],
  },
  { rows: [-1, 0], columns: [0, -1], expected: [[4, 5]] },
  {
    rows: [-1, 1],
    columns: [1, -2],
    expected: [
      [9, 4],
      [9, 9],
    ],
  },
])('padSpace grows by $rows and $columns, crops where negative', ({ rows, columns, expected }) => {
  const padded = padSpace(
    image([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    rows,
    columns,
    9,
  );
  expect(tf.squeeze(padded, [0, 3]).arraySync()).toEqual(expected);
});

it('spread puts stride − 1 zeros after each row and column', () => {
  const spreadOut = spread(
    image([
      [1, 2],
      [3, 4],
    ]),
    [2, 3],
  );
  expect(spreadOut.shape).toEqual([1, 4, 6, 1]);
  expect(values(spreadOut)).toEqual([1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
});
