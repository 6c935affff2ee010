import { findMethod } from '@touchstone/methods';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseSettings, settingsOf } from './settings.js';

test('--set values are JSON if they parse, else text', () => {
  const settings = ['fraction=0.1', 'layer=features.3', 'layers=["a","b"]', 'note=a=b', 'layer=null', 'empty='];
  expect(parseSettings(settings, z.looseObject({}))).toEqual({
    fraction: 0.1,
    layer: null,
    layers: ['a', 'b'],
    note: 'a=b',
    empty: '',
  });
});

test('of several methods each gets what it has, by its own schema', () => {
  const methods = ['grad-cam', 'saliency', 'cam'].map(findMethod);
  expect(settingsOf(['layer=3', 'reduce=none'], methods)).toEqual({
    'grad-cam': { layer: '3' },
    saliency: { reduce: 'none' },
    cam: { layer: '3' },
  });
});

test.each([
  ['grad-cam', 'layer=2', { layer: '2' }],
  ['grad-cam', 'layer="2"', { layer: '2' }],
  ['grad-cam', 'layer=null', { layer: null }],
  ['filter-visualization', 'layer=0', { layer: '0' }],
  ['activations', 'layers=[0,2]', { layers: ['0', '2'] }],
  ['activations', 'layers=2', { layers: ['2'] }],
  ['activations', 'layers=features.1', { layers: ['features.1'] }],
  ['smooth-grad', 'samples=2', { samples: 2 }],
  ['smooth-grad', 'samples=many', { samples: 'many' }],
])('%s --set %s: a path of a module may look like a number', (method, setting, expected) => {
  expect(parseSettings([setting], findMethod(method).params)).toEqual(expected);
});
