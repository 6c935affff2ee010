import { describe, expect, it } from 'vitest';
import { measureRounds, spreadOf } from './rounds.js';

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

describe('measureRounds', () => {
  it('takes the variants in turn, once each a round', async () => {
    const { variants, now, calls } = clockwork([1, 1, 1], [1, 1, 1], [1, 1, 1]);
    await measureRounds(variants, { rounds: 3, now });
    expect(calls).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });

  it('reads the clock around each run', async () => {
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

  it('tells of each round', async () => {
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
