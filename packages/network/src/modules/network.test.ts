import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { HostTensor } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { toHost } from '../layout.js';
import { loadNetwork } from './network.js';
import { parseNetwork } from './parse-network.js';
import { chain, description, integers4, leaf, image, values, withGradient } from '../testing.js';
import { Variable } from '../autograd/variable.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const host = (shape: number[], first = 1): HostTensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => first + i),
});
const dense = description(chain({ flat: leaf.flatten, head: leaf.linear(4, 2) }));
const denseWeights = { 'head.weight': host([2, 4]), 'head.bias': host([2], 100) };

describe('loadNetwork', () => {
  it('computes what the description says', () => {
    const network = loadNetwork(parseNetwork(dense, 'dense'), denseWeights);
    expect(
      values(
        network.call(
          Variable.leaf(
            image([
              [1, 10],
              [100, 1000],
            ]),
          ),
        ).value,
      ),
    ).toEqual([4421, 8866]);
    network.dispose();
  });

  it('gives weights back as PyTorch stores them, by their state_dict names', async () => {
    const network = loadNetwork(
      description(
        chain({ conv: leaf.conv(4, 6, 3), depthwise: leaf.conv(6, 12, 2, 6), grouped: leaf.conv(12, 4, 1, 2) }),
      ),
      {
        'conv.weight': host([6, 4, 3, 3]),
        'conv.bias': host([6]),
        'depthwise.weight': host([12, 1, 2, 2]),
        'depthwise.bias': host([12]),
        'grouped.weight': host([4, 6, 1, 1]),
        'grouped.bias': host([4]),
      },
    );
    for (const [name, shape] of [
      ['conv.weight', [6, 4, 3, 3]],
      ['depthwise.weight', [12, 1, 2, 2]],
      ['grouped.weight', [4, 6, 1, 1]],
      ['conv.bias', [6]],
    ] as const) {
      expect(await toHost(network.parameter(name).value)).toEqual(host([...shape]));
    }
    network.dispose();
  });

  it('leaves no tensor after dispose, and only weights before', () => {
    const before = tf.memory().numTensors;
    const network = loadNetwork(dense, denseWeights);
    expect(tf.memory().numTensors - before).toBe(2);
    tf.tidy(
      () =>
        void network.call(
          Variable.leaf(
            image([
              [1, 2],
              [3, 4],
            ]),
          ),
        ),
    );
    expect(tf.memory().numTensors - before).toBe(2);
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives its weights back as they were, of ordinary, grouped and depthwise convolutions too', async () => {
    const conv = leaf.conv(2, 4, 3);
    const grouped = leaf.conv(4, 4, 3, 2);
    const depthwise = leaf.conv(4, 8, 3, 4);
    const weights = {
      'conv.weight': host([4, 2, 3, 3]),
      'conv.bias': host([4]),
      'grouped.weight': host([4, 2, 3, 3], 1),
      'grouped.bias': host([4], 2),
      'depthwise.weight': host([8, 1, 3, 3], 3),
      'depthwise.bias': host([8], 4),
      'head.weight': host([3, 8], 5),
    };
    const before = tf.memory().numTensors;
    const network = loadNetwork(
      description(chain({ conv, grouped, depthwise, head: leaf.linear(8, 3, false) })),
      weights,
    );
    const loaded = tf.memory().numTensors;
    expect(await network.readWeights()).toEqual(weights);
    expect(tf.memory().numTensors).toBe(loaded);
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('computes batch normalisation once, and again where a weight was changed', () => {
    const norm = { type: 'BatchNorm2d', attributes: { numFeatures: 1, eps: 1, affine: true } };
    const weights = {
      'norm.weight': host([1], 6),
      'norm.bias': host([1], 10),
      'norm.running_mean': host([1], 2),
      'norm.running_var': host([1], 8),
    };
    const before = tf.memory().numTensors;
    const network = loadNetwork(description(chain({ norm })), weights);
    const answer = () => tf.tidy(() => values(network.call(Variable.leaf(image([[5, 8]]))).value));
    const loaded = tf.memory().numTensors;
    expect(answer()).toEqual([16, 22]); // 6/√(8 + 1) = 2 times the distance from 2
    const weight = network.parameter('norm.weight');
    const [old, twice] = [weight.value, tf.mul(weight.value, 2)];
    weight.changeInPlace('twice', twice, [], (R) => [R]);
    tf.dispose([old, twice]);
    expect(answer()).toEqual([22, 34]);
    expect(tf.memory().numTensors).toBe(loaded);
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps the weights of a network that is loaded within a scope', () => {
    const network = tf.tidy(() => {
      const made = loadNetwork(dense, denseWeights);
      return { made } as unknown as { made: ReturnType<typeof loadNetwork> } & tf.TensorContainer;
    }).made;
    expect(network.parameter('head.bias').shape).toEqual([2]);
    network.dispose();
  });

  it.each<{ name: string; weights: Record<string, HostTensor>; message: string }>([
    { name: 'a weight is missing', weights: { 'head.weight': host([2, 4]) }, message: '"head.bias" is missing' },
    {
      name: 'a weight belongs to no module',
      weights: { ...denseWeights, 'tail.weight': host([1]) },
      message: '"tail.weight" belongs to no module',
    },
    {
      name: 'a weight is of a leaf that has none',
      weights: { ...denseWeights, 'flat.weight': host([1]) },
      message: '"flat.weight" belongs to no module',
    },
    {
      name: 'a weight is transposed',
      weights: { ...denseWeights, 'head.weight': host([4, 2]) },
      message: '"head.weight" has shape [4,2], expected [2,4]',
    },
    {
      name: 'a weight has the right size and the wrong rank',
      weights: { ...denseWeights, 'head.bias': host([2, 1]) },
      message: '"head.bias" has shape [2,1], expected [2]',
    },
    ...[NaN, -Infinity, 1e39].map((value) => ({
      name: `a weight is ${value}`,
      weights: { ...denseWeights, 'head.bias': { shape: [2], data: Float64Array.of(1, value) } },
      message: '"head.bias" has a value that is NaN, ±∞ or too large for float32',
    })),
  ])('$name: names it, and leaves no tensor', ({ weights, message }) => {
    const before = tf.memory().numTensors;
    expect(() => loadNetwork(dense, weights)).toThrow(
      expect.objectContaining({ code: 'bad-network', message: expect.stringContaining(message) as string }),
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('takes the weights of an alias under both names, as state_dict has them', () => {
    const { modules } = dense;
    const aliased = description({ ...modules, again: { alias: 'head' } });
    const network = loadNetwork(aliased, {
      ...denseWeights,
      'again.weight': host([2, 4]),
      'again.bias': host([2], 100),
    });
    expect(network.module('again')).toBe(network.module('head'));
    expect(network.namedModules().map(([path]) => path)).toEqual(['', 'flat', 'head']);
    network.dispose();
  });
});

describe('a network', () => {
  it.each(['modul', 'constructor', 'v1'])('names the nearest modules for "%s"', (path) => {
    const network = loadNetwork(description(chain({ module: leaf.relu })), {});
    expect(() => network.module(path)).toThrow(
      expect.objectContaining({ code: 'unknown-name', hint: expect.stringContaining('module') as string }),
    );
  });

  it('names the nearest weights', () => {
    const network = loadNetwork(dense, denseWeights);
    expect(() => network.parameter('head.wieght')).toThrow(
      expect.objectContaining({ code: 'unknown-name', hint: expect.stringContaining('"head.weight"') as string }),
    );
    network.dispose();
  });

  it('names the linear layer that receives other features', () => {
    const network = loadNetwork(parseNetwork(description(chain({ head: leaf.linear(3, 2) })), 'map'), {
      'head.weight': host([2, 3]),
      'head.bias': host([2]),
    });
    expect(() => network.call(Variable.leaf(integers4([1, 2, 2, 1])))).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: '"head": a linear layer does not take [1,1,2,2] and [2,3]',
      }),
    );
    network.dispose();
  });
  it('names the module that the input does not fit', () => {
    const network = loadNetwork(dense, denseWeights);
    expect(() => tf.tidy(() => void network.call(Variable.leaf(integers4([1, 3, 3, 1]))))).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('"head"') as string }),
    );
    network.dispose();
  });

  it('adds the own tensors of containers, those of other modules, and numbers', async () => {
    const box = {
      type: 'Box',
      inputs: ['x'],
      weights: { shift: [1, 2] },
      calls: [
        { name: 'own', weight: 'box.shift' },
        { name: 'bias', weight: 'unused.bias' },
        { name: 'ten', number: 10 },
        { name: 'a', op: 'add', args: ['x', 'own'], attributes: {} },
        { name: 'b', op: 'add', args: ['a', 'bias'], attributes: {} },
        { name: 'c', op: 'add', args: ['b', 'ten'], attributes: {} },
      ],
      output: 'c',
    };
    const root = {
      type: 'Net',
      inputs: ['x'],
      weights: { scale: [] },
      calls: [
        { name: 'scale', weight: 'scale' },
        { name: 'f', module: 'flat', args: ['x'] },
        { name: 'y', module: 'box', args: ['f'] },
        { name: 'z', op: 'add', args: ['y', 'scale'], attributes: {} },
      ],
      output: 'z',
    };
    const modules = { '': root, flat: leaf.flatten, box, unused: leaf.linear(1, 2) };
    const network = loadNetwork(parseNetwork(description(modules, { input: { shape: [1, 1, 2] } }), 'sums'), {
      scale: host([], 1000),
      'box.shift': host([1, 2], 100),
      'unused.weight': host([2, 1]),
      'unused.bias': host([2], 5),
    });
    const { y, gradient } = withGradient((x) => network.call(x), image([[1, 2]]));
    expect(values(y)).toEqual([1116, 1119]);
    expect(values(gradient)).toEqual([1, 1]);
    expect((await network.readWeights())['box.shift']).toEqual(host([1, 2], 100));
    network.dispose();
  });

  it('calls a module twice where the description does', () => {
    const shared = description({
      '': {
        type: 'Twice',
        inputs: ['x'],
        calls: [
          { name: 'a', module: 'head', args: ['x'] },
          { name: 'b', module: 'head', args: ['a'] },
          { name: 'c', op: 'add', args: ['a', 'b'], attributes: {} },
        ],
        output: 'c',
      },
      head: leaf.linear(1, 1),
    });
    const network = loadNetwork(shared, { 'head.weight': host([1, 1], 3), 'head.bias': host([1], 1) });
    const { y, gradient } = withGradient((x) => network.call(x), tf.tensor2d([[2]]));
    expect([values(y), values(gradient)]).toEqual([[7 + 22], [3 + 9]]);
    network.dispose();
  });
});
