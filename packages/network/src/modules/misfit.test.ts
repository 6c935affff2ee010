/** Functions on shapes that PyTorch refuses: TF.js computes some, and the bounds of a pass end where they are. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { Variable } from '../autograd/variable.js';
import { description, integers4 } from '../testing.js';
import { loadNetwork } from './network.js';
import { parseNetwork } from './parse-network.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const eps = 1e-5;
const tensors = { weight: [2, 2], bias: [2, 2], one: [1] };

it.each([
  { op: 'group_norm', attributes: { numGroups: 1_000_000, eps }, args: ['x'] },
  { op: 'layer_norm', attributes: { normalizedShape: [1_000_000], eps }, args: ['x'] },
  { op: 'layer_norm', attributes: { normalizedShape: [2], eps }, args: ['x', 'bias'] },
  { op: 'log_softmax', attributes: { dim: 5 }, args: ['x'] },
  { op: 'prelu', attributes: {}, args: ['x', 'x'] },
  { op: 'expand', attributes: { shape: [0, 2, 2, 2] }, args: ['one'] },
  { op: 'cat', attributes: { dim: 4 }, args: ['x', 'x'] },
  { op: 'cat', attributes: { dim: 1 }, args: ['x', 'one'] },
  { op: 'flatten', attributes: { startDim: 2, endDim: 1 }, args: ['x'] },
  { op: 'linear', attributes: {}, args: ['x', 'weight', 'bias'] },
])('$op $attributes does not take its inputs', ({ op, attributes, args }) => {
  const weights = Object.keys(tensors).map((name) => ({ name, weight: name }));
  const root = {
    type: 'Net',
    inputs: ['x'],
    weights: tensors,
    calls: [...weights, { name: 'y', op, args, attributes }],
    output: 'y',
  };
  const data = Object.entries(tensors).map(([name, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return [name, { shape, data: Float32Array.from({ length: size }, (_, i) => i) }] as const;
  });
  const network = loadNetwork(
    parseNetwork(description({ '': root }, { input: { shape: [2, 2, 2] } }), 'misfit'),
    Object.fromEntries(data),
  );
  tf.tidy(() => {
    expect(() => network.call(Variable.leaf(integers4([1, 2, 2, 2])))).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: expect.stringMatching(new RegExp(`^"${op}": ${op} does not take \\[`)) as string,
      }),
    );
  });
  network.dispose();
});

/** Each container calls the next; the network calls all of them, the last one first. */
it('bounds the depth of containers in whatever order they are called', () => {
  const step = { name: 'y', op: 'abs', args: ['x'], attributes: {} };
  const container = (calls: object[], output: string) => ({ type: 'Box', inputs: ['x'], calls, output });
  const nested = (depth: number) => {
    const names = Array.from({ length: depth }, (_, i) => `box${i}`);
    const calls = names.toReversed().map((module, i) => ({ name: `y${i}`, module, args: ['x'] }));
    const boxes = names.map((name, i) => {
      const next = names[i + 1];
      return [name, container([next ? { name: 'y', module: next, args: ['x'] } : step], 'y')] as const;
    });
    return description({ '': container(calls, 'y0'), ...Object.fromEntries(boxes) } as never);
  };
  expect(() => parseNetwork(nested(100), 'nested')).not.toThrow();
  expect(() => parseNetwork(nested(300), 'nested')).toThrow('nested deeper than 200');
});

it('bounds the inputs of a function', () => {
  const args = Array.from({ length: 200_000 }, () => 'x');
  const root = {
    type: 'Net',
    inputs: ['x'],
    calls: [{ name: 'y', op: 'cat', args, attributes: { dim: 1 } }],
    output: 'y',
  };
  expect(() => parseNetwork(description({ '': root }), 'many')).toThrow('cat is given 200000 inputs');
});
