import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { forgetPeak, peakBytes } from './peak-memory.js';

const MiB = 2 ** 20;
const hold = (bytes: number): number => new Uint8Array(bytes).fill(1).length;

it('the peak is at least what was held, also when it is held no more', () => {
  expect(hold(300 * MiB)).toBe(300 * MiB);
  expect(peakBytes()).toBeGreaterThan(300 * MiB);
});

it.skipIf(!existsSync('/proc/self/clear_refs'))('is forgotten when asked', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  hold(400 * MiB);
  const before = peakBytes();
  collect();
  forgetPeak();
  expect(peakBytes()).toBeLessThan(before - 300 * MiB);
});
