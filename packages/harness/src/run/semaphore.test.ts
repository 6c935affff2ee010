import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Semaphore } from './semaphore.js';

it.each([1, 2, 3])('%d at a time, and kinds take turns', async (count) => {
  const slots = new Semaphore(count);
  const order: string[] = [];
  let [now, max] = [0, 0];
  const lane = async (name: string): Promise<void> => {
    for (let i = 0; i < 4; i++) {
      await slots.use(async () => {
        max = Math.max(max, ++now);
        order.push(name);
        await setImmediate();
        now--;
      });
    }
  };
  await Promise.all(['a', 'b', 'c'].map(lane));
  expect(max).toBe(count);
  expect(['a', 'b', 'c'].map((name) => order.slice(0, 6).filter((one) => one === name).length)).toEqual([2, 2, 2]);
});

it('spare work waits until no other work waits, however long it has waited', async () => {
  const slots = new Semaphore(1);
  const order: string[] = [];
  const piece = (name: string) => async (): Promise<void> => void order.push(name);
  await Promise.all([
    slots.use(piece('first')),
    slots.runSpare(piece('spare')),
    slots.use(piece('second')),
    slots.use(piece('third')),
  ]);
  expect(order).toEqual(['first', 'second', 'third', 'spare']);
  await slots.runSpare(piece('alone'));
  expect(order.at(-1)).toBe('alone');
});

it('work that fails releases its place', async () => {
  const slots = new Semaphore(1);
  await expect(slots.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await slots.use(async () => 'next')).toBe('next');
});
