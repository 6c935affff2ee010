import { describe, expect, it } from 'vitest';
import { measurePairs, spreadOf } from './paired.js';

/** A clock that only the variants move, by the milliseconds listed for each of their calls. */
function clockwork(a: number[], b: number[]) {
  let now = 1000;
  const calls: string[] = [];
  const step = (name: string, times: number[]) => () => {
    calls.push(name);
    now += times[calls.filter((call) => call === name).length - 1]!;
  };
  return { a: step('a', a), b: step('b', b), now: () => now, calls };
}

describe('measurePairs', () => {
  it('takes the variants in turn, once each a pair', async () => {
    const { a, b, now, calls } = clockwork([1, 1, 1], [1, 1, 1]);
    await measurePairs(a, b, { pairs: 3, now });
    expect(calls).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('reads the clock around each call, and divides neighbour by neighbour', async () => {
    const { a, b, now } = clockwork([10, 20, 10], [40, 100, 30]); // 4×, 5×, 3×
    expect(await measurePairs(a, b, { pairs: 3, now })).toEqual({
      a: { median: 10, min: 10, max: 20 },
      b: { median: 40, min: 30, max: 100 },
      ratio: { median: 4, min: 3, max: 5 },
    });
  });

  it('a slow spell that covers a pair leaves its ratio alone', async () => {
    const { a, b, now } = clockwork([10, 70, 10], [40, 280, 40]);
    expect((await measurePairs(a, b, { pairs: 3, now })).ratio).toEqual({ median: 4, min: 4, max: 4 });
  });

  it('passes on what a variant throws', async () => {
    const { a, now } = clockwork([1], []);
    const failing = () => {
      throw new Error('no kernel');
    };
    await expect(measurePairs(a, failing, { pairs: 1, now })).rejects.toThrow('no kernel');
  });

  it('tells of each pair', async () => {
    const { a, b, now } = clockwork([1, 1], [1, 1]);
    const done: number[] = [];
    await measurePairs(a, b, { pairs: 2, now, onPair: (pair) => done.push(pair) });
    expect(done).toEqual([1, 2]);
  });
});

it.each([
  { values: [7], spread: { median: 7, min: 7, max: 7 } },
  { values: [3, 1, 2], spread: { median: 2, min: 1, max: 3 } },
  { values: [4, 1, 2, 100], spread: { median: 3, min: 1, max: 100 } },
  { values: [10, 9], spread: { median: 9.5, min: 9, max: 10 } },
])('the spread of $values', ({ values, spread }) => {
  expect(spreadOf(values)).toEqual(spread);
});
