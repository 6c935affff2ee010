import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { ContainerDescription, NetworkDescription } from '@touchstone/contract';
import { beforeAll, expect, it } from 'vitest';
import { grad } from '../autograd/backward.js';
import { Variable } from '../autograd/variable.js';
import { description, integers4, start, values } from '../testing.js';
import { loadNetwork, type Network } from './network.js';

beforeAll(() => tf.setBackend('cpu'));

type Calls = ContainerDescription['calls'];

const settings = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 };
const read: Calls = [
  { name: 'v', weight: 'v' },
  { name: 'g', weight: 'g' },
];
const convolution: Calls[number] = { name: 'y', op: 'conv2d', args: ['x', 'w'], attributes: settings };
/** As `torch.nn.utils.weight_norm`: w = g·v/‖v‖. */
const normalised: Calls = [
  ...read,
  { name: 'n', op: 'norm', args: ['v'], attributes: { dims: [1, 2, 3], keepdim: true } },
  { name: 'd', op: 'div', args: ['v', 'n'], attributes: {} },
  { name: 'w', op: 'mul', args: ['d', 'g'], attributes: {} },
  convolution,
];

function networkOf(calls: Calls, output = 'y'): NetworkDescription {
  const weights = { v: [2, 1, 3, 3], g: [2, 1, 1, 1] };
  return description(
    { '': { type: 'Normalised', inputs: ['x'], weights, calls, output } },
    { input: { shape: [1, 4, 4] } },
  );
}

const weights = () => ({
  v: { shape: [2, 1, 3, 3], data: Float32Array.from({ length: 18 }, (_, i) => i - 4) },
  g: { shape: [2, 1, 1, 1], data: Float32Array.of(2, 3) },
});

const x = () => integers4([1, 4, 4, 1]);

/** The kernels of a pass and of its gradient, in order. */
async function kernelsOf(network: Network): Promise<string[]> {
  const profile = await tf.profile(() => {
    const input = start(x());
    const output = network.call(input);
    return grad(output, tf.onesLike(output.value), [input])[0]!;
  });
  return profile.kernelNames;
}

it('a pass computes nothing of weights alone, and leaves nothing behind', async () => {
  const before = tf.memory().numTensors;
  const network = loadNetwork(networkOf(normalised), weights());
  const loaded = tf.memory().numTensors;
  const plain = loadNetwork(networkOf([{ name: 'w', weight: 'v' }, convolution]), weights());
  expect(await kernelsOf(network)).toEqual(await kernelsOf(plain));
  plain.dispose();

  const between = tf.memory().numTensors;
  tf.tidy(() => void network.call(Variable.leaf(x())));
  expect(tf.memory().numTensors).toBe(between);
  expect(loaded).toBeGreaterThan(before);
  network.dispose();
  expect(tf.memory().numTensors).toBe(between - (loaded - before));
});

const bySteps = (change: (v: tf.Tensor) => tf.Tensor = (v) => v): number[] =>
  tf.tidy(() => {
    const { v, g } = weights();
    const direction = change(tf.tensor(v.data, [2, 9]));
    const kernel = tf.mul(tf.div(direction, tf.norm(direction, 2, 1, true)), tf.tensor(g.data, [2, 1]));
    return values(tf.conv2d(x(), tf.transpose(tf.reshape(kernel, [2, 3, 3, 1]), [1, 2, 3, 0]) as tf.Tensor4D, 1, 0));
  });

it('a weight that is changed later, or whose gradient is asked for, is computed again', () => {
  const network = loadNetwork(networkOf(normalised), weights());
  const run = (): number[] => values(network.call(Variable.leaf(x())).value);
  expect(run()).toEqual(bySteps());

  const v = network.parameter('v');
  const handle = v.registerHook(() => undefined);
  const output = network.call(Variable.leaf(x()));
  // w does not change with the length of v, so neither does y.
  const [ofV] = grad(output, tf.onesLike(output.value), [v]);
  expect(values(tf.sum(tf.mul(ofV!, v.value)))[0]).toBeCloseTo(0, 4);
  expect(Math.max(...values(tf.abs(ofV!)))).toBeGreaterThan(0.1);
  handle.remove();
  v.requiresGrad = false;
  expect(run()).toEqual(bySteps());

  v.changeInPlace('add_', tf.add(v.value, 1), [], () => [null]);
  expect(run()).toEqual(bySteps((value) => tf.add(value, 1)));
  network.dispose();
});

it.each<{ title: string; calls: Calls; output?: string }>([
  {
    title: 'changed in place',
    calls: [
      ...normalised.slice(0, -1),
      { name: 'r', op: 'relu', args: ['w'], attributes: { inplace: true } },
      { ...convolution, args: ['x', 'r'] },
    ],
  },
  { title: 'returned', calls: normalised, output: 'w' },
])('what is $title is computed in every pass', ({ calls, output }) => {
  const network = loadNetwork(networkOf(calls, output), weights());
  const kernels = () => tf.profile(() => network.call(Variable.leaf(x())).value);
  return kernels()
    .then(({ kernelNames }) => expect(kernelNames).toContain('RealDiv'))
    .finally(() => network.dispose());
});

it.each<{ title: string; calls: Calls; paths: string[] }>([
  {
    title: 'what does not fit is an error of the pass',
    calls: [...normalised.slice(0, -1), { ...convolution, attributes: { ...settings, groups: 3 } }],
    paths: [''],
  },
  { title: 'a container that is never called is not computed', calls: normalised, paths: ['spare'] },
])('$title', ({ calls, paths }) => {
  const { modules } = networkOf(calls);
  const before = tf.memory().numTensors;
  const [path] = paths as [string];
  const relu = { name: 'y', op: 'relu', args: ['x'], attributes: { inplace: false } };
  const root = { type: 'Root', inputs: ['x'], calls: [relu], output: 'y' };
  const network = loadNetwork(
    description(path === '' ? modules : { '': root, [path]: modules['']! }, { input: { shape: [1, 4, 4] } }),
    Object.fromEntries(Object.entries(weights()).map(([name, w]) => [path === '' ? name : `${path}.${name}`, w])),
  );
  expect(tf.memory().numTensors - before).toBe(2);
  const run = () => network.call(Variable.leaf(x()));
  if (path === '') expect(run).toThrow();
  else expect(values(run().value)).toHaveLength(16);
  network.dispose();
});
