import { expect, it } from 'vitest';
import { counted } from './counted.js';

it('counts with the right noun', () => {
  expect([counted(1, 'row'), counted(2, 'row'), counted(0, 'row'), counted(1, 'axis', 'axes')]).toEqual([
    '1 row',
    '2 rows',
    '0 rows',
    '1 axis',
  ]);
  expect(counted(3, 'axis', 'axes')).toBe('3 axes');
});
