import { expect, it } from 'vitest';
import { windowCount } from './window-count.js';

// Counts of torch.nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=True) 2.15.
it.each([
  ['its last window would begin just behind the input', 4, { kernelSize: 1, stride: 2, padding: 0 }, 2],
  ['its last window would begin at the right padding', 5, { kernelSize: 2, stride: 3, padding: 1 }, 2],
  ['its last window begins at the last pixel', 5, { kernelSize: 2, stride: 2, padding: 0 }, 3],
  ['its last window begins one pixel before the end of the input', 6, { kernelSize: 3, stride: 3, padding: 1 }, 3],
  ['it fits without a partial window', 6, { kernelSize: 2, stride: 2, padding: 0 }, 3],
  ['it is dilated', 7, { kernelSize: 2, stride: 4, padding: 1, dilation: 3 }, 2],
])('ceil mode where %s', (_, from, window, count) => {
  expect(windowCount(from, { ...window, ceilMode: true })).toBe(count);
});

// Counts of torch.nn.MaxPool2d 2.15; where PyTorch refuses, less than 1.
it.each([
  ['leaves the rest without a window', 5, { kernelSize: 2, stride: 2, padding: 0 }, 2],
  ['counts the padding twice', 5, { kernelSize: 2, stride: 2, padding: 1 }, 3],
  ['needs the whole dilated kernel', 5, { kernelSize: 3, stride: 1, padding: 0, dilation: 2 }, 1],
  ['has none where the dilated kernel is too large', 4, { kernelSize: 3, stride: 1, padding: 0, dilation: 2 }, 0],
])('without ceil mode it %s', (_, from, window, count) => expect(windowCount(from, window)).toBe(count));

it('ceil mode has no window either where the kernel is too large', () => {
  expect(windowCount(1, { kernelSize: 4, stride: 2, padding: 0, ceilMode: true })).toBeLessThan(1);
});
