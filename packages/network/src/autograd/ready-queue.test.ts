import { expect, it } from 'vitest';
import type { Node } from './node.js';
import { ReadyQueue } from './ready-queue.js';

// std::priority_queue of libstdc++ 12, by sequence. Digits and L, a leaf, push nodes named a, b, c, …; − pops one.
it.each([
  ['', ''],
  ['1', 'a'],
  ['123', 'cba'],
  ['321', 'abc'],
  ['132', 'bca'],
  ['213', 'cab'],
  ['31524', 'ceadb'],
  ['12-3-', 'bca'],
  ['LL', 'ab'],
  ['LLLL', 'acbd'],
  ['LLLLLLLL', 'acgfhebd'],
  ['LLLLLLLLLLLL', 'acglkjifhebd'],
  ['L1L2L', 'acedb'],
  ['1L2L3L', 'bfdeca'],
  ['12L-L-3L', 'cdfeba'],
  ['LLL-LL-L', 'abdecf'],
  ['5L4L3L-2L-1', 'bfhdacegi'],
])('%j leaves as %j', (steps, order) => {
  const queue = new ReadyQueue();
  let [pushed, popped] = [0, ''];
  const pop = (): string | undefined => queue.pop()?.name;
  for (const step of steps) {
    if (step === '-') popped += pop();
    else queue.push({ name: 'abcdefghijkl'[pushed++], sequence: step === 'L' ? Infinity : Number(step) } as Node);
  }
  for (let name = pop(); name !== undefined; name = pop()) popped += name;
  expect(popped).toBe(order);
});
