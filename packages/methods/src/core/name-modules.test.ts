import { chain, description, leaf } from '@touchstone/network/testing';
import { expect, it } from 'vitest';
import { findMethod } from '../registry.js';
import { nameModules } from './name-modules.js';

const network = description(
  chain({
    conv: leaf.conv(1, 1),
    relu: leaf.relu,
    average: leaf.average,
    flat: leaf.flatten,
    head: leaf.linear(1, 2),
  }),
);

it.each<[method: string, given: Record<string, unknown>, named: Record<string, unknown>]>([
  ['grad-cam', {}, { layer: 'relu' }],
  ['grad-cam', { layer: null }, { layer: 'relu' }],
  ['grad-cam', { layer: 'conv' }, { layer: 'conv' }],
  ['hires-cam', {}, { layer: 'relu', relu: true }],
  ['cam', {}, { layer: 'relu', linear: 'head' }],
  ['parameters', {}, { layer: 'conv', raster: 64 }],
  // null is the input of the last Linear, which is not the output of a module.
  ['t-sne', {}, { layer: null }],
])('%s with %j', (method, given, named) => {
  expect(nameModules(findMethod(method), given, network, [1, 1, 2, 2], 'the parameters')).toMatchObject(named);
});

it('is an error where the network has no such module, or does not take the images', () => {
  const alone = description(chain({ conv: leaf.conv(1, 1) }));
  expect(() => nameModules(findMethod('cam'), {}, alone, [1, 1, 2, 2], 'the parameters')).toThrow('linear layer');
  expect(() => nameModules(findMethod('grad-cam'), {}, network, [1, 1, 0, 2], 'the parameters')).toThrow('do not fit');
});
