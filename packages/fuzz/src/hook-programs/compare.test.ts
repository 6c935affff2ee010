import type { HostTensor, Stages } from '@touchstone/contract';
import { expect, test } from 'vitest';
import { compareTraces } from './compare.js';

const tensor = (...values: number[]): HostTensor => ({ shape: [values.length], data: Float64Array.from(values) });

const pytorch: Stages = {
  '0000 forward a body#1 input0': tensor(1, 2),
  '0000 forward a body#1 output': tensor(3, 4),
  '0001 output': tensor(5, 1e-6),
  '0002 grad x': tensor(1000, 2),
  '0002 grad fc.bias': tensor(0.5),
  attribution: tensor(10, 5, 1002.5),
};
const order = Object.keys(pytorch);
const picked = (names: readonly string[]): Stages => Object.fromEntries(names.map((name) => [name, pytorch[name]!]));
const replaced = (name: string, value: HostTensor): Stages => ({ ...pytorch, [name]: value });

test('the same trace, and one within 1e-9 of the size of each event', () => {
  expect(compareTraces({ ...pytorch }, pytorch)).toBeNull();
  expect(compareTraces(replaced('0002 grad fc.bias', tensor(0.5 + 9e-7)), pytorch)).toBeNull();
});

test.each<[string, Stages, RegExp]>([
  [
    'a missing event',
    picked(order.filter((name) => !name.includes('forward'))),
    /stage 1 of 6: another event\n +before: +nothing\n +PyTorch: 0000 forward a body#1 input0 .*\n +ours: +0001 output/,
  ],
  [
    'a missing value',
    picked(order.filter((name) => !name.endsWith('fc.bias'))),
    /before: +0002 grad x .*\n +PyTorch: 0002 grad fc\.bias .*\n +ours: +attribution/,
  ],
  [
    'an extra event',
    { ...picked(order.slice(0, 2)), '0001 threw a': tensor(0), ...pytorch },
    /PyTorch: 0001 output .*\n +ours: +0001 threw a/,
  ],
  ['an event at the end', { ...pytorch, '0003 output': tensor(1) }, /stage 7 of 6: PyTorch has no more events/],
  ['a trace that ends early', picked(order.slice(0, 4)), /stage 5 of 6: ours has no more events/],
  ['two events swapped', picked([order[1]!, order[0]!, ...order.slice(2)]), /stage 1 of 6: another event/],
  [
    'a wrong value',
    replaced('0001 output', tensor(5, 2e-6)),
    /stage 3 .*1 of 2 values differ; worst at \[1\]: 0\.000002, expected 0\.000001/,
  ],
  ['a value just outside', replaced('0002 grad fc.bias', tensor(0.5 + 2e-6)), /1 of 1 values differ/],
  ['a wrong shape', replaced('0001 output', tensor(5)), /shape \[1\], expected \[2\]/],
  ['not a number', replaced('0001 output', tensor(5, Number.NaN)), /NaN/],
])('%s is found, and reported in at most 12 lines', (_, ours, says) => {
  const report = compareTraces(ours, pytorch);
  expect(report).toMatch(says);
  expect(report!.split('\n').length).toBeLessThanOrEqual(12);
});
