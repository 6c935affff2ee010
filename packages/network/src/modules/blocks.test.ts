import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import type { HostTensor } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from './blocks.js';
import { grad } from '../autograd/backward.js';
import { registerModuleForwardHook } from './module.js';
import { loadNetwork, type Network } from './network.js';
import { deconvRelu, plainRelu, type GradientRules } from '../rules.js';
import { chain, description, integers4, leaf, start, values } from '../testing.js';

const pad = { type: 'ZeroPad2d', attributes: { padding: [0, 1, 2, 1] } };
const norm = { type: 'BatchNorm2d', attributes: { numFeatures: 4, eps: 0, affine: true } };
const relu6 = { type: 'ReLU6', attributes: { inplace: false } };
const strided = (groups: number) => ({
  ...leaf.conv(4, 4, 3, groups),
  attributes: { ...leaf.conv(4, 4, 3, groups).attributes, stride: [2, 2] },
});

type Modules = Parameters<typeof description>[0];

const lengths = (modules: Modules): [number, number][] => {
  const network = description(modules);
  return [...blocksOf(network.modules[''] as Parameters<typeof blocksOf>[0], network).values()].map(
    ({ at, length }) => [at, length],
  );
};

describe('blocks', () => {
  it.each([
    { name: 'all three', modules: chain({ pad, conv: leaf.conv(4, 4), relu6, norm }), blocks: [[0, 3]] },
    {
      name: 'two in a row',
      modules: chain({ a: leaf.conv(4, 4), b: leaf.conv(4, 4), relu: leaf.relu, pad, c: leaf.conv(4, 4) }),
      blocks: [
        [1, 2],
        [3, 2],
      ],
    },
    { name: 'none: a convolution alone', modules: chain({ conv: leaf.conv(4, 4), flat: leaf.flatten }), blocks: [] },
    { name: 'none: padding, then normalisation', modules: chain({ pad, norm, relu: leaf.relu }), blocks: [] },
    {
      name: 'none: normalisation that goes before',
      modules: chain({ norm, relu: leaf.relu, conv: leaf.conv(4, 4) }),
      blocks: [],
    },
    {
      name: 'without a second ReLU',
      modules: chain({ conv: leaf.conv(4, 4), relu: leaf.relu, relu6 }),
      blocks: [[0, 2]],
    },
    {
      name: 'none: a normalisation in between',
      modules: chain({ conv: leaf.conv(4, 4), norm, relu: leaf.relu }),
      blocks: [],
    },
  ])('$name', ({ modules, blocks }) => expect(lengths(modules)).toEqual(blocks));

  it.each([
    { name: 'the weight between them', between: [{ name: 'w', weight: 'scale' }], blocks: [] },
    { name: 'numbers around them', before: [{ name: 'w', number: 2 }], blocks: [[1, 2]] },
  ])('in a container with $name', ({ before = [], between = [], blocks }) => {
    const { '': root, ...leaves } = chain({ conv: leaf.conv(4, 4), relu: leaf.relu });
    const container = root as { calls: object[]; output: string };
    const [conv, relu] = container.calls;
    const product = { name: 'y', op: 'add', args: ['v2', 'w'], attributes: {} };
    const calls = [...before, conv!, ...between, relu!, product];
    const weights = { scale: [] };
    expect(lengths({ ...leaves, '': { ...container, weights, calls, output: 'y' } } as unknown as Modules)).toEqual(
      blocks,
    );
  });

  it('end where a value goes elsewhere too, or out of the container', () => {
    const modules = chain({ conv: leaf.conv(4, 4), relu: leaf.relu });
    const root = modules[''] as { calls: object[]; output: string };
    expect(
      lengths({
        ...modules,
        '': {
          ...root,
          calls: [...root.calls, { name: 'sum', op: 'add', args: ['v1', 'v2'], attributes: {} }],
          output: 'sum',
        } as never,
      }),
    ).toEqual([]);
    expect(lengths({ ...modules, '': { ...root, output: 'v1' } as never })).toEqual([]);
  });

  it('end where the next call takes another value', () => {
    const modules = chain({ conv: leaf.conv(4, 4), relu: leaf.relu });
    const calls = [
      { name: 'v1', module: 'conv', args: ['v0'] },
      { name: 'v2', module: 'relu', args: ['v0'] },
      { name: 'sum', op: 'add', args: ['v1', 'v2'], attributes: {} },
    ];
    expect(lengths({ ...modules, '': { ...modules['']!, calls, output: 'sum' } as never })).toEqual([]);
  });
});

/** Sums that round, so that another order would change bits. */
const weightsFor = (groups: number): Record<string, HostTensor> => {
  const host = (shape: number[], data: (i: number) => number): HostTensor => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => data(i)),
  });
  return {
    'conv.weight': host([4, 4 / groups, 3, 3], (i) => Math.sin(i * 7)),
    'conv.bias': host([4], (i) => Math.cos(i)),
  };
};

const networkOf = (groups: number, clip: { type: string; attributes: Record<string, unknown> }): Network =>
  loadNetwork(description(chain({ pad, conv: strided(groups), clip })), weightsFor(groups));

const run = (network: Network, rules: Partial<GradientRules> = {}): { y: number[]; gradient: number[]; kept: number } =>
  tf.tidy(() => {
    const x = start(integers4([2, 6, 5, 4]));
    const before = tf.memory().numTensors;
    const y = network.withRules(rules, () => network.call(x));
    const kept = tf.memory().numTensors - before;
    const [gradient] = grad(y, integers4(y.value.shape as [number, number, number, number], 2), [x]);
    return { y: values(y.value), gradient: values(gradient!), kept };
  });

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend(backend);
  });

  describe.each([
    { name: 'dense, ReLU6', groups: 1, clip: relu6 },
    { name: 'depthwise, ReLU in place', groups: 4, clip: leaf.reluInplace },
    { name: 'two groups, ReLU', groups: 2, clip: leaf.relu },
  ])('$name', ({ groups, clip }) => {
    it('gives the bits of its layers one by one, and keeps nothing in between', () => {
      const network = networkOf(groups, clip);
      const whole = run(network);
      expect(whole.kept).toBe(1);
      expect(whole.gradient.some((value) => value !== 0)).toBe(true);
      const hook = network.module('conv').registerForwardHook(() => {});
      const apart = run(network);
      hook.remove();
      expect({ ...apart, kept: 1 }).toEqual(whole);
      expect(apart.kept).toBeGreaterThan(1);
      network.dispose();
    });

    it('leaves the ReLU out under another rule, and where a hook watches', () => {
      const network = networkOf(groups, clip);
      const plain = run(network);
      let seen = 0;
      const watched = run(network, { atRelu: (derivative) => (seen++, derivative) });
      expect([seen, watched.gradient, watched.y]).toEqual([1, plain.gradient, plain.y]);
      expect(run(network, { relu: plainRelu }).gradient).toEqual(plain.gradient);
      expect(run(network, { relu: deconvRelu }).gradient).not.toEqual(plain.gradient);
      network.dispose();
    });
  });

  it.each(['pad', 'conv', 'clip'])('a hook on %s sees its own output', (path) => {
    const network = networkOf(1, relu6);
    const shapes: number[][] = [];
    network.module(path).registerForwardHook((_module, _inputs, output) => void shapes.push(output.shape));
    run(network);
    expect(shapes).toEqual([path === 'pad' ? [2, 9, 6, 4] : [2, 4, 2, 4]]);
    network.dispose();
  });

  it('hooks of all modules see every layer', () => {
    const network = networkOf(1, relu6);
    const paths: string[] = [];
    const hook = registerModuleForwardHook((module) => void paths.push(module.path));
    run(network);
    hook.remove();
    expect(paths).toEqual(['pad', 'conv', 'clip', '']);
    network.dispose();
  });

  it.each(['conv.weight', 'conv.bias'])('the gradient of %s is available on request', (name) => {
    const network = networkOf(1, relu6);
    const without = run(network).y;
    network.parameter(name).requiresGrad = true;
    tf.tidy(() => {
      const y = network.call(start(integers4([2, 6, 5, 4])));
      expect(values(y.value)).toEqual(without);
      const [gradient] = grad(y, tf.onesLike(y.value), [network.parameter(name)]);
      expect(values(gradient!).some((value) => value !== 0)).toBe(true);
    });
    network.dispose();
  });

  it('leaves no tensor', () => {
    const before = tf.memory().numTensors;
    const network = networkOf(1, relu6);
    const loaded = tf.memory().numTensors;
    run(network);
    expect(tf.memory().numTensors).toBe(loaded);
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('a ReLU6 of a block is one under any rule', async () => {
  await tf.setBackend('cpu');
  const one = { shape: [1, 1, 1, 1], data: Float32Array.of(1) };
  const network = loadNetwork(description(chain({ conv: leaf.conv(1, 1), relu6 })), {
    'conv.weight': one,
    'conv.bias': { shape: [1], data: Float32Array.of(0) },
  });
  const x = () => start(tf.tensor4d([-1, 2, 7], [1, 1, 3, 1]));
  for (const relu of [plainRelu, deconvRelu]) {
    const input = x();
    const y = network.withRules({ relu }, () => network.call(input));
    expect(values(y.value)).toEqual([0, 2, 6]);
    const [gradient] = grad(y, tf.onesLike(y.value), [input]);
    expect(values(gradient!)).toEqual(relu === plainRelu ? [0, 1, 0] : [1, 1, 1]);
  }
  network.dispose();
});
