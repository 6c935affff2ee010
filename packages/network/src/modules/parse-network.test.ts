import type { NetworkDescription } from '@touchstone/contract';
import { describe, expect, it } from 'vitest';
import { parseNetwork } from './parse-network.js';
import { resolve } from './resolve.js';
import { chain, description, leaf } from '../testing.js';

type Modules = NetworkDescription['modules'];
const good = (): NetworkDescription => description(chain({ first: leaf.relu, second: leaf.identity }));
/** [N,4] */
const flat = (): NetworkDescription => description(chain({ first: leaf.flatten }));
const container = (calls: unknown[], output = 'x', inputs = ['x']) => ({ type: 'Box', inputs, calls, output });
const call = (module: string, name = 'y', args = ['x']) => ({ name, module, args });
const op = (op: string, args: string[], attributes: Record<string, unknown> = {}) => ({
  name: 'y',
  op,
  args,
  attributes,
});

/** A good description with the root, or other modules, replaced. */
const withModules = (modules: Record<string, unknown>): unknown => ({
  ...good(),
  modules: { ...good().modules, ...modules },
});
const root = (calls: unknown[], output = 'y', inputs = ['x']): unknown =>
  withModules({ '': container(calls, output, inputs) });

it('returns a good description unchanged', () => {
  expect(parseNetwork(JSON.parse(JSON.stringify(good())), 'mine')).toEqual(good());
});

it.each<{ name: string; json: unknown }>([
  { name: 'a module called twice', json: root([call('first', 'y'), call('first', 'z', ['y'])], 'z') },
  { name: 'functions', json: root([op('add', ['x', 'x'])]) },
  { name: 'cat of many', json: root([op('cat', ['x', 'x', 'x'], { dim: 1 })]) },
  { name: 'an alias', json: withModules({ other: { alias: 'first' } }) },
  {
    name: 'a call through an alias',
    json: withModules({ other: { alias: 'first' }, '': container([call('other')], 'y') }),
  },
  {
    name: 'a container that is called twice',
    json: withModules({
      box: container([call('first')], 'y'),
      '': container([call('box', 'a'), call('box', 'b', ['a'])], 'b'),
    }),
  },
  { name: 'the input handed straight back', json: root([], 'x') },
  {
    name: 'several heads',
    json: {
      ...flat(),
      heads: [
        { name: 'yaw', size: 3 },
        { name: 'pitch', size: 1 },
      ],
    },
  },
  { name: 'seeded weights', json: { ...good(), weights: { generator: 'philox4x32-10', seed: 2 ** 32 - 1 } } },
  {
    name: 'names of JavaScript',
    json: withModules({
      constructor: leaf.relu,
      toString: leaf.relu,
      '': container(
        [call('constructor', 'hasOwnProperty'), call('toString', 'valueOf', ['hasOwnProperty'])],
        'valueOf',
      ),
    }),
  },
])('takes $name', ({ json }) => {
  expect(() => parseNetwork(json, 'mine')).not.toThrow();
});

describe('names the field at fault', () => {
  it.each<{ name: string; json: unknown; message: string }>([
    { name: 'nothing', json: undefined, message: 'mine' },
    { name: 'null', json: null, message: 'mine' },
    { name: 'a list', json: [], message: 'mine' },
    { name: 'another format', json: { ...good(), format: 'onnx' }, message: '"format"' },
    { name: 'another version', json: { ...good(), version: 2 }, message: '"version"' },
    { name: 'an unknown field', json: { ...good(), colour: 1 }, message: '"colour"' },
    {
      name: 'weights of another generator',
      json: { ...good(), weights: { generator: 'mt19937', seed: 1 } },
      message: '"weights.generator"',
    },
    {
      name: 'a seed that is no 32-bit number',
      json: { ...good(), weights: { generator: 'philox4x32-10', seed: 2 ** 32 } },
      message: '"weights.seed"',
    },
    { name: 'one head', json: { ...good(), heads: [{ name: 'yaw', size: 66 }] }, message: '"heads"' },
    {
      name: 'two heads of one name',
      json: {
        ...good(),
        heads: [
          { name: 'yaw', size: 66 },
          { name: 'yaw', size: 2 },
        ],
      },
      message: 'heads: a name is given twice',
    },
    { name: 'an input that is not [C,H,W]', json: { ...good(), input: { shape: [1, 2] } }, message: '"input.shape' },
    { name: 'a negative extent', json: { ...good(), input: { shape: [1, -2, 2] } }, message: '"input.shape' },
    { name: 'no root', json: description({ first: leaf.relu } as Modules), message: 'modules[""]' },
    { name: 'a leaf as root', json: withModules({ '': leaf.relu }), message: 'modules[""]' },
    {
      name: 'an alias of nothing',
      json: withModules({ other: { alias: 'gone' } }),
      message: '"other" is an alias of "gone"',
    },
    {
      name: 'an alias of an alias',
      json: withModules({ a: { alias: 'b' }, b: { alias: 'first' } }),
      message: '"a" is an alias of "b"',
    },
    { name: 'an alias of itself', json: withModules({ a: { alias: 'a' } }), message: '"a" is an alias of "a"' },
    {
      name: 'an alias of a name of JavaScript',
      json: withModules({ a: { alias: 'constructor' } }),
      message: '"a" is an alias of "constructor"',
    },
    { name: 'a call of nothing', json: root([call('gone')]), message: '"gone"' },
    { name: 'a call of a name of JavaScript', json: root([call('constructor')]), message: '"constructor"' },
    {
      name: 'a weight that no module has',
      json: root([{ name: 'token', weight: 'first.token' }]),
      message: 'call "token" takes the weight "first.token"',
    },
    {
      name: 'a tensor of a container with a dot in its name',
      json: withModules({ box: { ...container([], 'x'), weights: { 'a.b': [1] } } }),
      message: '"modules.box.weights',
    },
    { name: 'an argument that nothing made', json: root([call('first', 'y', ['z'])]), message: 'call "y" uses "z"' },
    {
      name: 'an argument that is made later',
      json: root([call('first', 'y', ['z']), call('first', 'z')]),
      message: 'call "y" uses "z"',
    },
    { name: 'a call without arguments', json: root([call('first', 'y', [])]), message: 'args' },
    { name: 'a name made twice', json: root([call('first'), call('second')]), message: '"y" is given twice' },
    { name: 'the name of an input made again', json: root([call('first', 'x')], 'x'), message: '"x" is given twice' },
    { name: 'two inputs of one name', json: root([call('first')], 'y', ['x', 'x']), message: 'names an input twice' },
    {
      name: 'a leaf called with two',
      json: root([call('first', 'y', ['x', 'x'])]),
      message: 'call "y" gives "first" 2 inputs; it takes 1',
    },
    {
      name: 'a container called with fewer than it takes',
      json: withModules({
        box: container([op('add', ['a', 'b'])], 'y', ['a', 'b']),
        '': container([call('box')], 'y'),
      }),
      message: 'call "y" gives "box" 1 inputs; it takes 2',
    },
    {
      name: 'a container called with more than it takes, by its other name',
      json: withModules({
        box: container([call('first')], 'y'),
        other: { alias: 'box' },
        '': container([call('other', 'y', ['x', 'x'])], 'y'),
      }),
      message: 'call "y" gives "other" 2 inputs; it takes 1',
    },
    { name: 'a network of two inputs', json: root([call('first')], 'y', ['x', 'z']), message: 'has 2 inputs, not one' },
    {
      name: 'heads that do not add up',
      json: {
        ...flat(),
        heads: [
          { name: 'yaw', size: 66 },
          { name: 'pitch', size: 66 },
        ],
      },
      message: 'heads: their sizes add up to 132; the network returns 4 values per image',
    },
    {
      name: 'heads of a map',
      json: {
        ...good(),
        heads: [
          { name: 'yaw', size: 1 },
          { name: 'pitch', size: 1 },
        ],
      },
      message: 'the network returns [1,1,2,2]',
    },
    {
      name: 'too few classes',
      json: { ...flat(), classes: ['cat'] },
      message: 'classes: 1 names; the network returns 4',
    },
    { name: 'an output that nothing made', json: root([call('first')], 'z'), message: 'returns "z"' },
    { name: 'add of one', json: root([op('add', ['x'])]), message: 'add is given 1' },
    { name: 'relu of two', json: root([op('relu', ['x', 'x'], { inplace: false })]), message: 'relu is given 2' },
    {
      name: 'a function with a wrong attribute',
      json: root([op('relu', ['x'], { inplace: 'yes' })]),
      message: '"inplace"',
    },
    {
      name: 'a leaf with a wrong attribute',
      json: withModules({ first: { type: 'ReLU', attributes: { inplace: 1 } } }),
      message: '"first" (ReLU): "inplace"',
    },
    {
      name: 'a leaf with an attribute too many',
      json: withModules({ first: { type: 'ReLU', attributes: { inplace: true, slope: 0.1 } } }),
      message: 'slope',
    },
    {
      name: 'a leaf without an attribute',
      json: withModules({ first: { type: 'Linear', attributes: { inFeatures: 1, outFeatures: 1 } } }),
      message: '"bias"',
    },
    {
      name: 'an extent without end',
      json: withModules({ first: { type: 'Flatten', attributes: { startDim: 1, endDim: Infinity } } }),
      message: '"endDim"',
    },
    {
      name: 'a kernel of 0',
      json: withModules({
        first: { ...leaf.conv(1, 1), attributes: { ...leaf.conv(1, 1).attributes, kernelSize: [1, 0] } },
      }),
      message: '"kernelSize',
    },
    {
      name: 'a stride of 0',
      json: withModules({
        first: { ...leaf.conv(1, 1), attributes: { ...leaf.conv(1, 1).attributes, stride: [0, 1] } },
      }),
      message: '"stride',
    },
    {
      name: 'a pooling that pads more than half of its kernel',
      json: withModules({
        first: { ...leaf.maxPool(2, 3), attributes: { ...leaf.maxPool(2, 3).attributes, padding: [1, 2] } },
      }),
      message: '"first" (MaxPool2d) pads by more than half of its kernel',
    },
    {
      name: 'a pooling that pads more than half of its kernel',
      json: withModules({
        first: { ...leaf.maxPool(2, 3), attributes: { ...leaf.maxPool(2, 3).attributes, padding: [1, 2] } },
      }),
      message: '"first" (MaxPool2d) pads by more than half of its kernel',
    },
    { name: 'a network that calls itself', json: root([call('')]), message: '"" calls itself' },
    {
      name: 'a container that calls itself',
      json: withModules({ box: container([call('box')], 'y'), '': container([call('box')], 'y') }),
      message: '"box" calls itself',
    },
    {
      name: 'a ring of containers',
      json: withModules({
        a: container([call('b')], 'y'),
        b: container([call('a')], 'y'),
        '': container([call('a')], 'y'),
      }),
      message: 'calls itself',
    },
    {
      name: 'a ring through an alias',
      json: withModules({ a: container([call('again')], 'y'), again: { alias: 'a' }, '': container([call('a')], 'y') }),
      message: 'calls itself',
    },
  ])('$name', ({ json, message }) => {
    expect(() => parseNetwork(json, 'mine')).toThrow(
      expect.objectContaining({
        code: 'bad-network',
        message: expect.stringContaining(message) as string,
        hint: expect.any(String) as string,
      }),
    );
  });
});

it.each<{ name: string; json: unknown; module: string; what: string; supported: string }>([
  {
    name: 'an unknown leaf',
    json: withModules({ second: { type: 'LSTM', attributes: {} } }),
    module: '"second"',
    what: 'LSTM',
    supported: 'Conv2d',
  },
  {
    name: 'a leaf named as JavaScript names things',
    json: withModules({ second: { type: 'constructor', attributes: {} } }),
    module: '"second"',
    what: 'constructor',
    supported: 'Conv2d',
  },
  {
    name: 'an unknown function',
    json: root([op('fft', ['x'])]),
    module: 'y',
    what: 'fft',
    supported: 'adaptive_avg_pool2d',
  },
  {
    name: 'a function named as JavaScript names things',
    json: root([op('toString', ['x'])]),
    module: 'y',
    what: 'toString',
    supported: 'adaptive_avg_pool2d',
  },
])('refuses $name: names where, what, and what is supported', ({ json, module, what, supported }) => {
  const error = {
    code: 'unsupported',
    message: expect.stringMatching(new RegExp(`${module}.*${what}`)) as string,
    hint: expect.stringContaining(supported) as string,
  };
  expect(() => parseNetwork(json, 'mine')).toThrow(expect.objectContaining(error));
});

it('bounds modules and calls', () => {
  const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`m${i}`, leaf.relu]));
  expect(() => parseNetwork(withModules(many), 'mine')).toThrow('modules, at most');
  const calls = Array.from({ length: 100_001 }, (_, i) => call('first', `y${i}`));
  expect(() => parseNetwork(root(calls, 'x'), 'mine')).toThrow('calls, at most');
});

it('handles deeply nested containers without a stack overflow', () => {
  const depth = 9_990;
  const nest = Object.fromEntries(
    Array.from({ length: depth }, (_, i) => [`c${i}`, container([call(i + 1 < depth ? `c${i + 1}` : 'first')], 'y')]),
  );
  let code = 'none';
  try {
    parseNetwork(withModules({ ...nest, '': container([call('c0')], 'y') }), 'mine');
  } catch (error) {
    code = (error as { code?: string }).code ?? 'not ours';
  }
  expect(['none', 'bad-network']).toContain(code);
});

it('resolve follows an alias', () => {
  const { modules } = good();
  const aliased = description({ ...modules, other: { alias: 'first' } });
  expect(['first', 'other', ''].map((path) => resolve(aliased, path))).toEqual(['first', 'first', '']);
});
