import type { HostTensor } from '@touchstone/contract';
import { expect, it } from 'vitest';
import { onOneScale } from './common-scale.js';
import { renderCompared } from './compared.js';

const tensor = (...values: number[]): HostTensor => ({
  shape: [1, 1, 1, values.length],
  data: Float64Array.from(values),
});
const golden = tensor(1, -0.5, 0);
const drawn = (got: HostTensor) => renderCompared(golden, got, 1)!;

it('a golden has one colour in all runs, whatever they answered', () => {
  const [near, far] = [drawn(tensor(1, -0.49, 0)), drawn(tensor(4, NaN, -2))];
  const found = onOneScale([near, far]);
  expect(found).toMatchObject({ scale: 4, drawn: [{ amplified: 100 }, { amplified: null }] });
  // As if they had been drawn on it: golden, answer and difference of three values, as shares of 255.
  const red = (share: number) => [255, 255 - share, 255 - share];
  const blue = (share: number) => [255 - share, 255 - share, 255];
  const [white, yellow] = [red(0), [255, 214, 0]];
  const right = [red(64), blue(32), white];
  const expected = [
    [right, red(64), blue(31), white, white, red(1), white],
    [right, red(255), yellow, blue(128), red(191), yellow, blue(128)],
  ].map((each) => each.flat(2));
  const drawnNow = found.drawn.map((each) =>
    [0, 1, 2].flatMap((panel) => {
      const from = 3 * (8 * each!.image.width + 8 + panel * 11);
      return Array.from(each!.image.rgb.subarray(from, from + 9));
    }),
  );
  const furthest = expected.map((each, i) => Math.max(...each.map((level, at) => Math.abs(level - drawnNow[i]![at]!))));
  expect(furthest.every((levels) => levels <= 1)).toBe(true);
});

it('a difference that is faint on the common scale is amplified', () => {
  const found = onOneScale([drawn(tensor(1, -0.5001, 0)), drawn(tensor(1, -0.512, 0)), drawn(golden)]);
  expect(found).toMatchObject({ scale: 1, drawn: [{ amplified: 10_000 }, { amplified: 10 }, { amplified: null }] });
  expect(found.drawn.map((each) => each!.image.width)).toEqual([52, 52, 41]);
});

it('an image of another size is left out', () => {
  const { image, ...of } = drawn(golden);
  expect(onOneScale([{ image, ...of, width: 2 }, drawn(tensor(2, 0, 0))])).toMatchObject({
    drawn: [null, { image: { width: 41 } }],
    scale: 2,
  });
});
