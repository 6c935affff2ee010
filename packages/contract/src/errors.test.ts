import { expect, it } from 'vitest';
import { isErrorCode } from './errors.js';

it('knows its codes, and nothing out of a prototype', () => {
  expect(['usage', 'golden-damaged', 'toString', ''].map(isErrorCode)).toEqual([true, true, false, false]);
});
