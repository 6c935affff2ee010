/** Which of a backend's own kernels are asked, and for what. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { linear, maxPool2d, relu } from '../functional/functional.js';
import { pytorchRules } from '../rules.js';
import { integers, integers4, values, withGradient } from '../testing.js';
import { Variable } from '../autograd/variable.js';
import { ownKernel } from './own-kernels.js';

beforeAll(() => tf.setBackend('cpu'));

const asked: { name: string; inputs: Record<string, number[]>; attrs: unknown }[] = [];
const registered: string[] = [];
/** A kernel that answers with the negative of what it is asked for `of`. */
function register(name: string, of: string): void {
  registered.push(name);
  tf.registerKernel({
    kernelName: name,
    backendName: 'cpu',
    kernelFunc: ({ inputs, attrs }) => {
      const tensors = inputs as Record<string, tf.Tensor>;
      asked.push({
        name,
        inputs: Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [key, tensor.shape])),
        attrs: { ...attrs },
      });
      return tf.neg(tensors[of]!);
    },
  });
}
afterEach(() => {
  for (const name of registered.splice(0)) tf.unregisterKernel(name, 'cpu');
  asked.length = 0;
});

const x = () => integers([2, 3]);
const image = () => integers4([1, 4, 6, 1]);
const pool = { kernelSize: [2, 3], stride: [2, 3], padding: [0, 0], dilation: [1, 1], ceilMode: false } as const;
const pooled = (dilation: readonly [number, number]) =>
  withGradient((v) => maxPool2d(v, { ...pool, dilation }, pytorchRules), image());

it('none where the backend has none', () => expect(ownKernel('ReluGrad')).toBeNull());

it.each([
  { ceiling: Infinity, name: 'ReluGrad' },
  { ceiling: 6, name: 'Relu6Grad' },
])('$name for the gradient of ReLU under the plain rule', ({ ceiling, name }) => {
  register('ReluGrad', 'dy');
  register('Relu6Grad', 'dy');
  const { gradient } = withGradient((v) => relu(v, pytorchRules, { ceiling }), x());
  expect(values(gradient)).toEqual([-1, -1, -1, -1, -1, -1]);
  expect(asked).toEqual([{ name, inputs: { dy: [2, 3], x: [2, 3] }, attrs: {} }]);
  const atRelu = (derivative: tf.Tensor) => derivative;
  withGradient((v) => relu(v, { ...pytorchRules, atRelu }, { ceiling }), x());
  withGradient((v) => relu(v, { ...pytorchRules, relu: (R) => tf.relu(R) }, { ceiling }), x());
  expect(asked).toHaveLength(1);
});

it('FirstMaximumGrad for max pools without dilation', () => {
  register('FirstMaximumGrad', 'input');
  expect(values(pooled([1, 1]).gradient)).toEqual(values(tf.neg(image())));
  expect(asked).toEqual([
    {
      name: 'FirstMaximumGrad',
      inputs: { dy: [1, 2, 2, 1], input: [1, 4, 6, 1] },
      attrs: { kernelSize: [2, 3], stride: [2, 3] },
    },
  ]);
  pooled([1, 2]);
  pooled([2, 1]);
  expect(asked).toHaveLength(1);
});

it('MatrixProduct for one row, and for more only where nothing is transposed', () => {
  register('MatrixProduct', 'a');
  const weight = Variable.leaf(integers([3, 3]));
  const product = (rows: number) => withGradient((v) => linear(v, weight, null), integers([rows, 3]));
  expect(values(product(1).y)).toEqual(values(tf.neg(integers([1, 3]))));
  product(2);
  expect(asked.map(({ inputs, attrs }) => [inputs['a']![0], attrs])).toEqual([
    [1, { transposeB: true }],
    [1, { transposeB: false }],
    [2, { transposeB: false }],
  ]);
});
