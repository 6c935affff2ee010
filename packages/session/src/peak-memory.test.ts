import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { forgetPeak, peakBytes } from './peak-memory.js';

const MiB = 2 ** 20;
const hold = (bytes: number): number => new Uint8Array(bytes).fill(1).length;

it('the peak counts what was held on top of what there was, also when it is held no more', () => {
  const before = process.memoryUsage.rss();
  hold(300 * MiB);
  expect(peakBytes()).toBeGreaterThan(before + 250 * MiB);
});

it.skipIf(!existsSync('/proc/self/clear_refs'))('is forgotten when asked, and counts again from what is held', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  hold(400 * MiB);
  const before = peakBytes();
  collect();
  forgetPeak();
  const forgotten = peakBytes();
  expect(forgotten).toBeLessThan(before - 300 * MiB);
  expect(Math.abs(forgotten - process.memoryUsage.rss())).toBeLessThan(64 * MiB);
  hold(200 * MiB);
  expect(peakBytes()).toBeGreaterThan(forgotten + 150 * MiB);
});
