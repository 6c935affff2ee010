import { RemovableHandle } from '@touchstone/network';
import { expect, it } from 'vitest';
import { withHooks } from './with-hooks.js';

function handles(count: number) {
  const removed: number[] = [];
  return { removed, all: Array.from({ length: count }, (_, i) => new RemovableHandle(() => void removed.push(i))) };
}

it('gives what was run, and removes every handle then', () => {
  const { removed, all } = handles(2);
  const result = withHooks((keep) => {
    for (const handle of all) keep(handle);
    return removed.length;
  });
  expect(result).toBe(0);
  expect(removed).toEqual([0, 1]);
});

it('removes them when something throws', () => {
  const { removed, all } = handles(2);
  const failing = () =>
    withHooks((keep) => {
      keep(all[0]!);
      throw new Error('in the middle');
    });
  expect(failing).toThrow('in the middle');
  expect(removed).toEqual([0]);
});
