import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { clone, grad, Variable, type Network } from '@touchstone/network';
import { beforeAll, expect, it } from 'vitest';
import { outputUpTo } from './layer.js';
import { recordSketch } from './sketch.js';
import { leaf, network, tensor } from './testing.js';

let net: Network;
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  const calls = ['first', 'twice', 'twice'].map((module, i) => ({ name: `v${i + 1}`, module, args: [`v${i}`] }));
  const modules = {
    '': { type: 'Net', inputs: ['v0'], calls, output: 'v3' },
    first: leaf.relu,
    twice: leaf.conv(2, 2),
  };
  net = network([2, 1, 2], modules, {
    'twice.weight': tensor([2, 2, 1, 1], [2, 0, 0, 3]),
    'twice.bias': tensor([2], [0, 0]),
  });
});

/** NHWC; in NCHW 1, −2, 3, 4 times `scale`, and another image. */
const images = (scale: number) =>
  tf.tensor4d(
    [1, 3, -2, 4, 9, 9, 9, 9].map((value) => value * scale),
    [2, 1, 2, 2],
  );
const expected = [
  { module: 'first', call: 0, shape: [2, 2, 1, 2], indices: [0, 1, 3] },
  { module: 'twice', call: 0, shape: [2, 2, 1, 2], indices: [0, 3] },
  { module: 'twice', call: 1, shape: [2, 2, 1, 2], indices: [2] },
] as unknown as Parameters<typeof recordSketch>[1];
const forward = [[1, 0, 4], [2, 12], [27]];

const plainPass = (scale: number) => void net.call(Variable.leaf(images(scale)));
const gradientPass = (scale: number) => {
  const x = Variable.leaf(images(scale), { requiresGrad: true });
  grad(net.call(clone(x)), tf.ones([2, 1, 2, 2]), [x]);
};
/** Has a gradient, but ends at `twice`. */
const partialPass = (scale: number) => {
  const x = Variable.leaf(images(scale), { requiresGrad: true });
  grad(outputUpTo(net, x, 'twice'), tf.ones([2, 1, 2, 2]), [x]);
};

async function sketched(passes: () => void, wanted = expected) {
  const before = tf.memory().numTensors;
  const sketch = recordSketch(net, wanted);
  tf.engine().startScope('test');
  passes();
  tf.engine().endScope();
  const probes = await sketch.read();
  sketch.stop();
  expect(tf.memory().numTensors).toBe(before);
  expect(net.module('first').isHooked || net.module('').isHooked).toBe(false);
  return {
    forward: probes.map((probe) => [...probe.forward.data]),
    gradient: probes.map(({ gradient }) => gradient && Array.from(gradient.data)),
  };
}
const gradients = [[4, 4, 9], [2, 3], [1]];
const none = [null, null, null];

it.each<[string, () => void, (number[] | null)[]]>([
  ['the pass with gradients', () => gradientPass(1), gradients],
  [
    'the first pass with gradients, after others and before others',
    () => [plainPass(2), plainPass(3), gradientPass(1), plainPass(4), gradientPass(5)],
    gradients,
  ],
  ['the first pass where none has gradients', () => [plainPass(1), plainPass(2), plainPass(3)], none],
])('has the values of the first image in %s, in NCHW order', async (_, passes, gradient) => {
  expect(await sketched(passes)).toEqual({ forward, gradient });
});

it('ends where a pass ended that has gradients, though others follow', async () => {
  const found = await sketched(() => [partialPass(1), partialPass(2)]);
  expect(found).toEqual({
    forward: forward.slice(0, 2),
    gradient: [
      [2, 2, 3],
      [1, 1],
    ],
  });
});

it('ends before a call that was not made', async () => {
  const [first, , second] = expected;
  const found = await sketched(() => gradientPass(1), [first!, { ...second!, call: 7 }, first!]);
  expect(found.forward).toEqual(forward.slice(0, 1));
});
