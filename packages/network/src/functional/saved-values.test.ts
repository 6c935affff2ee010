/** Which values an operation needs unchanged for its gradient: those that PyTorch's needs. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { grad } from '../autograd/backward.js';
import { Variable } from '../autograd/variable.js';
import { kernelsOf } from '../ops/convolution/kernels.js';
import type { ConvolutionSettings, Epilogue, Margins } from '../ops/convolution/settings.js';
import { pytorchRules } from '../rules.js';
import { image, start } from '../testing.js';
import { opExamples } from '../modules/ops/examples.js';
import * as F from './functional.js';
import type { Formula } from './pointwise.js';
import { indexSelect } from './along-dim.js';
import { abs } from './activations.js';
import { amax, norm } from './reductions.js';
import { mul, scale } from './arithmetic.js';

beforeAll(() => tf.setBackend('cpu'));

const pairs = { stride: [1, 1], padding: [0, 0], dilation: [1, 1] } as const;
const convolution = { ...pairs, kernelSize: [1, 1], groups: 1, inChannels: 1, outChannels: 1 } as const;
const pool = { ...pairs, kernelSize: [2, 2], ceilMode: false } as const;
const average = { ...pool, countIncludePad: true, divisorOverride: null };
const ones = (...shape: number[]) => tf.ones(shape);
const weighted = (weight: Variable) => (v: Variable) => F.linear(F.flatten(v, 1, -1), weight, null);
const batchNorm = (v: Variable) => F.batchNorm(v, ones(1), ones(1), null, null, 1);
const kernels = () => kernelsOf(ones(1, 1, 1, 1) as tf.Tensor4D, convolution);
const frame: Margins = [
  [1, 0],
  [0, 0],
];
const fused =
  (activation: Epilogue['activation'], more: Partial<ConvolutionSettings> = {}) =>
  (v: Variable) =>
    F.fusedConv2d(v, kernels(), { ...convolution, ...more }, { bias: null, activation });

// torch 2.15: relu_ on the input or on the output before torch.autograd.grad.
it.each<{ name: string; run: (v: Variable) => Variable; needs: readonly ('input' | 'output')[] }>([
  { name: 'abs', run: abs, needs: ['input'] },
  { name: 'amax', run: (v) => amax(v, [2, 3]), needs: ['input', 'output'] },
  { name: 'norm', run: (v) => norm(v, [2, 3]), needs: ['input', 'output'] },
  ...Object.entries(F.formulas).map(([name, formula]) => ({
    name,
    run: (v: Variable) =>
      F.pointwise(name, formula as Formula<unknown>, v, opExamples.find(({ op }) => op === name)!.attributes),
    needs: ['sigmoid', 'tanh', 'exp', 'sqrt', 'rsqrt'].includes(name) ? (['output'] as const) : (['input'] as const),
  })),
  { name: 'softmax', run: (v) => F.softmax(v, 1), needs: ['output'] },
  { name: 'log_softmax', run: (v) => F.logSoftmax(v, 1), needs: ['output'] },
  { name: 'prelu', run: (v) => F.prelu(v, Variable.leaf(ones(1))), needs: ['input'] },
  { name: 'a difference', run: (v) => F.sub(v, Variable.leaf(ones(1))), needs: [] },
  { name: 'a quotient', run: (v) => F.div(v, Variable.leaf(ones(1))), needs: [] },
  { name: 'a quotient by it', run: (v) => F.div(Variable.leaf(ones(1)), v), needs: ['input'] },
  { name: 'maximum', run: (v) => F.maximum(v, Variable.leaf(ones(1))), needs: ['input'] },
  { name: 'mean', run: (v) => F.mean(v, [2, 3], false), needs: [] },
  { name: 'sum', run: (v) => F.sum(v, [2, 3], false), needs: [] },
  { name: 'max', run: (v) => F.max(v, 2, false), needs: [] },
  { name: 'layer norm', run: (v) => F.layerNorm(v, 2, { weight: null, bias: null }, 1), needs: ['input'] },
  { name: 'group norm', run: (v) => F.groupNorm(v, 1, { weight: null, bias: null }, 1), needs: ['input'] },
  {
    name: 'local response norm',
    run: (v) => F.localResponseNorm(v, { size: 3, alpha: 1, beta: 1, k: 1 }),
    needs: ['input'],
  },
  { name: 'relu', run: (v) => F.relu(v, pytorchRules), needs: ['output'] },
  { name: 'relu6', run: (v) => F.relu(v, pytorchRules, { ceiling: 6 }), needs: ['input'] },
  { name: 'batch norm', run: batchNorm, needs: ['input'] },
  { name: 'conv2d', run: (v) => F.conv2d(v, null, null, kernels(), convolution), needs: ['input'] },
  { name: 'conv2d and relu as one', run: fused('relu'), needs: ['input', 'output'] },
  { name: 'conv2d and relu6 as one', run: fused('relu6'), needs: ['input'] },
  { name: 'zero padding and conv2d as one', run: fused('linear', { frame }), needs: [] },
  { name: 'max pool', run: (v) => F.maxPool2d(v, pool, pytorchRules), needs: ['input'] },
  { name: 'average pool', run: (v) => F.avgPool2d(v, average), needs: ['input'] },
  { name: 'adaptive pool to a column', run: (v) => F.adaptiveAvgPool2d(v, [2, 1]), needs: ['input'] },
  { name: 'adaptive pool to a row', run: (v) => F.adaptiveAvgPool2d(v, [1, 2]), needs: ['input'] },
  { name: 'adaptive pool to a pixel, the mean', run: (v) => F.adaptiveAvgPool2d(v, [1, 1]), needs: [] },
  { name: 'a square', run: (v) => mul(v, v), needs: ['input'] },
  { name: 'a product with a constant', run: (v) => mul(v, Variable.leaf(ones(1))), needs: [] },
  { name: 'a constant times it', run: (v) => mul(Variable.leaf(ones(1)), v), needs: [] },
  { name: 'a product with a variable', run: (v) => mul(v, start(ones(1))), needs: ['input'] },
  { name: 'a variable times it', run: (v) => mul(start(ones(1)), v), needs: ['input'] },
  { name: 'a linear layer', run: weighted(Variable.leaf(ones(1, 4))), needs: [] },
  { name: 'a linear layer whose weight requires a gradient', run: weighted(start(ones(1, 4))), needs: ['input'] },
  { name: 'zero padding', run: (v) => F.zeroPad2d(v, [1, 1, 1, 1]), needs: [] },
  { name: 'resizing', run: (v) => F.interpolate(v, { size: [3, 3], mode: 'bicubic' }), needs: [] },
  { name: 'cat', run: (v) => F.cat([v, v], 1), needs: [] },
  { name: 'add', run: (v) => F.add(v, v), needs: [] },
  { name: 'index_select', run: (v) => indexSelect(v, 1, [0]), needs: [] },
  { name: 'scale', run: (v) => scale(v, 3), needs: [] },
  { name: 'clone', run: F.clone, needs: [] },
])('the gradient of $name needs $needs unchanged', ({ run, needs }) => {
  const refused = (['input', 'output'] as const).filter((changed) => {
    const x = start(
      image([
        [1, 2],
        [3, 4],
      ]),
    );
    const v = F.clone(x);
    const y = run(v);
    F.relu(changed === 'input' ? v : y, pytorchRules, { inplace: true });
    try {
      grad(y, tf.onesLike(y.value), [x]);
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: 'unsupported', message: expect.stringContaining('changed in place') });
      return true;
    }
  });
  expect(refused).toEqual(needs);
});
