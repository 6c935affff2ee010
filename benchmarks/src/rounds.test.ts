import { describe, expect, it } from 'vitest';
import { interleave, measureRounds, orderOfRound, spreadOf } from './rounds.js';

/** A clock that only the variants move, by the milliseconds listed for each of their calls. */
function clockwork(...times: number[][]) {
  let now = 1000;
  const calls: number[] = [];
  const variants = times.map((mine, which) => () => {
    now += mine[calls.filter((call) => call === which).length]!;
    calls.push(which);
  });
  return { variants, now: () => now, calls };
}

describe('the order of the variants in a round', () => {
  it.each([
    { count: 1, orders: ['0', '0'] },
    { count: 2, orders: ['01', '10', '01'] },
    { count: 3, orders: ['012', '102', '201', '021', '120', '210', '012'] },
    { count: 4, orders: ['0132', '1203', '2310', '3021', '0132'] },
  ])('$count variants: $orders', ({ count, orders }) => {
    expect(orders.map((_, round) => orderOfRound(round, count).join(''))).toEqual(orders);
  });

  it.each([2, 3, 4, 5, 6, 7])('each of %i variants begins, and follows every other, equally often', (count) => {
    const rounds = Array.from({ length: 2 * count }, (_, round) => orderOfRound(round, count));
    const pairs = rounds.flatMap((order) => order.slice(1).map((next, i) => `${order[i]} → ${next}`));
    expect(new Set(pairs).size).toBe(count * (count - 1));
    expect(new Set(pairs.map((pair) => pairs.filter((other) => other === pair).length))).toEqual(new Set([2]));
    expect(rounds.slice(0, count).map(([first]) => first)).toEqual(Array.from({ length: count }, (_, i) => i));
  });
});

describe('interleave', () => {
  it('runs each variant once a round, and gives the times in the order of the variants', async () => {
    const calls: number[] = [];
    const variants = [10, 20, 30].map((time, which) => async () => time + calls.push(which) / 100);
    expect(await interleave(variants, { rounds: 3 })).toEqual([
      [10.01, 20.02, 30.03],
      [10.05, 20.04, 30.06],
      [10.08, 20.09, 30.07],
    ]);
    expect(calls).toEqual([0, 1, 2, 1, 0, 2, 2, 0, 1]);
  });
});

describe('measureRounds', () => {
  it('runs each variant once a round', async () => {
    const { variants, now, calls } = clockwork([1, 1, 1], [1, 1, 1], [1, 1, 1]);
    await measureRounds(variants, { rounds: 3, now });
    expect(calls).toEqual([0, 1, 2, 1, 0, 2, 2, 0, 1]);
  });

  it('reads the clock around each run, and gives the times in the order of the variants', async () => {
    const { variants, now } = clockwork([10, 20, 10], [40, 100, 30]);
    expect(await measureRounds(variants, { rounds: 3, now })).toEqual([
      [10, 40],
      [20, 100],
      [10, 30],
    ]);
  });

  it('passes on what a variant throws', async () => {
    const failing = () => {
      throw new Error('no kernel');
    };
    await expect(measureRounds([failing], { rounds: 1 })).rejects.toThrow('no kernel');
  });

  it('ends between two rounds when it is interrupted', async () => {
    const controller = new AbortController();
    let runs = 0;
    const interrupting = () => {
      runs++;
      controller.abort(new Error('interrupted'));
    };
    await expect(measureRounds([interrupting], { rounds: 3, signal: controller.signal })).rejects.toThrow(
      'interrupted',
    );
    expect(runs).toBe(1);
  });

  it('reports each round', async () => {
    const done: number[] = [];
    await measureRounds([() => {}], { rounds: 2, onRound: (round) => done.push(round) });
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
