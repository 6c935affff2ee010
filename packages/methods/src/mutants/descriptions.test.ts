import { expect, it } from 'vitest';
import type { ContainerDescription, StepCall } from '@touchstone/contract';
import { chain, description, leaf } from '@touchstone/network/testing';
import { paddedBefore, withAttributes, withCalls } from './descriptions.js';

const attributes = { kernelSize: [2, 2], stride: [2, 2], padding: [1, 1], ceilMode: true, dilation: [1, 1] };
const pool = { type: 'MaxPool2d', attributes };
const modules = chain({ first: pool, conv: leaf.conv(1, 1), second: pool });
const root = modules[''] as ContainerDescription;
const calls = [...root.calls, { name: 'f', op: 'max_pool2d', args: ['v3'], attributes }];
const given = description({ ...modules, '': { ...root, calls, output: 'f' }, again: { alias: 'second' } });

it('attributes of modules and functions are changed', () => {
  const changed = withAttributes(given, (kind, own) => (kind === 'MaxPool2d' ? { ...own, ceilMode: false } : null))!;
  expect(changed.modules['first']).toEqual({ type: 'MaxPool2d', attributes: { ...attributes, ceilMode: false } });
  expect(changed.modules['conv']).toEqual(modules['conv']);
  expect((changed.modules[''] as ContainerDescription).calls.at(-1)).toMatchObject({ attributes: { ceilMode: false } });
  expect(withAttributes(given, () => null)).toBeNull();
});

it('padding comes before modules and functions', () => {
  const changed = paddedBefore(given, (kind, _own, path) =>
    kind === 'MaxPool2d' && path !== 'first' ? [1, 2, 3, 4] : null,
  )!;
  const { calls: after } = changed.modules[''] as ContainerDescription;
  const padding = (name: string) => `padding of  ${name}`;
  expect(after.map((call) => [call.name, ...(call as StepCall).args])).toEqual([
    ['v1', 'v0'],
    ['v2', 'v1'],
    [padding('v3'), 'v2'],
    ['v3', padding('v3')],
    [padding('f'), 'v3'],
    ['f', padding('f')],
  ]);
  expect(changed.modules[padding('v3')]).toEqual({ type: 'ZeroPad2d', attributes: { padding: [1, 2, 3, 4] } });
  expect(changed.modules['second']).toMatchObject({ attributes: { padding: [0, 0] } });
  expect(changed.modules['first']).toEqual(pool);
  expect(after.at(-1)).toMatchObject({ attributes: { padding: [0, 0] } });
  expect(paddedBefore(given, () => null)).toBeNull();
});

it('calls of functions are replaced by others', () => {
  const before = { name: 'before', op: 'relu', args: ['v3'], attributes: { inplace: false } };
  const changed = withCalls(given, (call) =>
    call.op === 'max_pool2d' ? [before, { ...call, args: ['before'] }] : null,
  )!;
  const { calls: after } = changed.modules[''] as ContainerDescription;
  expect(after.slice(0, 3)).toEqual(root.calls);
  expect(after.slice(3)).toEqual([before, { ...calls.at(-1), args: ['before'] }]);
  expect(withCalls(given, () => null)).toBeNull();
});
