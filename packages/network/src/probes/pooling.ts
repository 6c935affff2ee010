import * as tf from '@tensorflow/tfjs-core';
import { avgPool2d, maxPool2d, type PoolSettings } from '../functional/functional.js';
import { pytorchRules } from '../rules.js';
import { Variable } from '../autograd/variable.js';
import { map, ourGradient, stockGradient, type Probe } from './probe.js';

const halving: PoolSettings = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0], ceilMode: false };
const ceiling: PoolSettings = { ...halving, ceilMode: true };
const padded: PoolSettings = { kernelSize: [3, 3], stride: [2, 2], padding: [1, 1], ceilMode: false };

const maximum =
  (settings: PoolSettings) =>
  (x: Variable): Variable =>
    maxPool2d(x, { ...settings, dilation: [1, 1] }, pytorchRules);
const stockHalving = (x: tf.Tensor): tf.Tensor => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid');
const stockCeiling = (x: tf.Tensor): tf.Tensor => tf.maxPool(x as tf.Tensor4D, 2, 2, 0, 'ceil');

const halvingGradient: Probe = {
  stock: ({ x }) => stockGradient(stockHalving, x!),
  ours: ({ x }) => ourGradient(maximum(halving), x!),
};

export const pooling: Readonly<Record<string, Probe>> = {
  'max-pool-ties': halvingGradient,
  'max-pool-not-positive': halvingGradient,
  'max-pool-ceil': {
    stock: ({ x }) => stockCeiling(x!),
    ours: ({ x }) => maximum(ceiling)(Variable.leaf(x!)).value,
  },
  'max-pool-ceil-gradient': {
    // Where TF.js has fewer windows than PyTorch, R is cropped to them.
    stock: ({ x, R }) => {
      const [, h, w] = stockCeiling(x!).shape;
      return stockGradient(stockCeiling, x!, tf.slice(R!, 0, [1, h!, w!, 1]));
    },
    ours: ({ x, R }) => ourGradient(maximum(ceiling), x!, R),
  },
  'max-pool-padding': {
    stock: (inputs) => tf.maxPool(map(inputs, 'x'), 3, 2, 1, 'floor'),
    ours: ({ x }) => maximum(padded)(Variable.leaf(x!)).value,
  },
  'average-pool-padding': {
    stock: (inputs) => tf.avgPool(map(inputs, 'x'), 3, 1, 1, 'floor'),
    ours: ({ x }) =>
      avgPool2d(Variable.leaf(x!), { ...padded, stride: [1, 1], countIncludePad: true, divisorOverride: null }).value,
  },
};
