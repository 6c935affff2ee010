/** Pixels and channels in another order. */
import type { HostTensor } from '@touchstone/contract';
import { remedy } from '../core/mutant.js';
import type { FinishStep } from './finish-step.js';

type Place = readonly [channel: number, row: number, column: number];

/** @param from place in the right map of what comes to a place */
const reordered =
  (from: (place: Place, sizes: Place) => Place) =>
  ({ shape, data }: HostTensor): HostTensor => {
    const [n, c, h, w] = shape as [number, number, number, number];
    const result = new Float64Array(data.length);
    let at = 0;
    for (let image = 0; image < n; image++)
      for (let channel = 0; channel < c; channel++)
        for (let row = 0; row < h; row++)
          for (let column = 0; column < w; column++) {
            const [k, i, j] = from([channel, row, column], [c, h, w]);
            result[at++] = data[((image * c + k) * h + i) * w + j]!;
          }
    return { shape, data: result };
  };

const keep = remedy('Return the map in the orientation of the image');

export const turns: readonly FinishStep[] = [
  {
    id: 'mirrored',
    fault: 'left and right are exchanged',
    remedy: keep,
    apply: reordered(([k, i, j], [, , w]) => [k, i, w - 1 - j]),
  },
  {
    id: 'upside-down',
    fault: 'the lowest row comes first',
    remedy: keep,
    apply: reordered(([k, i, j], [, h]) => [k, h - 1 - i, j]),
  },
  {
    id: 'rotated',
    fault: 'the map is rotated by 180°',
    remedy: keep,
    apply: reordered(([k, i, j], [, h, w]) => [k, h - 1 - i, w - 1 - j]),
  },
  {
    id: 'answer-bgr',
    fault: "the map's channels are in the order BGR instead of RGB",
    remedy: remedy('Return the channels in the order RGB', 'map.reverse(3)', 'map.flip(1)'),
    apply: reordered(([k, i, j], [c]) => [c - 1 - k, i, j]),
  },
];
