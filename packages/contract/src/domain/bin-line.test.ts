import { expect, it } from 'vitest';
import { binLine } from './bin-line.js';
import { Target } from './index.js';

it.each([
  ['3·i−90', 3, -90],
  ['3*i-90', 3, -90],
  ['−0.5·i+12.25', -0.5, 12.25],
  ['-2*i', -2, 0],
  ['1·i+0', 1, 0],
])('%s', (text, slope, offset) => {
  expect(binLine(text)).toEqual({ slope, offset });
  expect(Target.parse({ sum: [{ head: 'yaw', expectation: text }] })).toEqual({
    sum: [{ head: 'yaw', expectation: text }],
  });
});

it.each(['i', '3i-90', '3·j−90', '3·i−', '3·i−90 ', '1e3·i', ''])('%j is refused', (text) => {
  expect(() => binLine(text)).toThrow(
    expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('"expectation"') as string }),
  );
  expect(Target.safeParse({ sum: [{ head: 'yaw', expectation: text }] }).success).toBe(false);
});
