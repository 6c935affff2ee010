import * as tf from '@tensorflow/tfjs-core';
import * as F from '../functional/functional.js';
import { Variable } from '../autograd/variable.js';
import { ourGradient, stockGradient, type Probe } from './probe.js';

const { formulas, pointwise } = F;

export const activations: Readonly<Record<string, Probe>> = {
  'maximum-tie': {
    stock: ({ x, y }) => stockGradient((v) => tf.maximum(v, y!), x!),
    ours: ({ x, y }) => ourGradient((v) => F.maximum(v, Variable.leaf(y!)), x!),
  },
  'clamp-limits': {
    stock: ({ x }) => stockGradient((v) => tf.clipByValue(v, -1, 1), x!),
    ours: ({ x }) => ourGradient((v) => pointwise('clamp', formulas.clamp, v, { min: -1, max: 1 }), x!),
  },
  'power-zero': {
    stock: ({ x }) => stockGradient((v) => tf.pow(v, tf.scalar(0)), x!),
    ours: ({ x }) => ourGradient((v) => pointwise('pow', formulas.pow, v, { exponent: 0 }), x!),
  },
  'leaky-relu-gradient': {
    stock: ({ x }) => stockGradient((v) => tf.leakyRelu(v, 0.25), x!),
    ours: ({ x }) => ourGradient((v) => pointwise('leaky_relu', formulas.leaky_relu, v, { negativeSlope: 0.25 }), x!),
  },
  'elu-gradient': {
    stock: ({ x }) => stockGradient((v) => tf.elu(v), x!),
    ours: ({ x }) => ourGradient((v) => pointwise('elu', formulas.elu, v, { alpha: 1 }), x!),
  },
  'selu-gradient': {
    stock: ({ x }) => stockGradient((v) => tf.selu(v), x!),
    ours: ({ x }) => ourGradient((v) => pointwise('selu', formulas.selu, v, {}), x!),
  },
  'prelu-gradient': {
    stock: ({ x, w }) => stockGradient((v) => tf.prelu(x!, v), w!),
    ours: ({ x, w }) => ourGradient((v) => F.prelu(Variable.leaf(x!), v), w!),
  },
  softplus: {
    stock: ({ x }) => tf.softplus(x!),
    ours: ({ x }) => pointwise('softplus', formulas.softplus, Variable.leaf(x!), { beta: 1, threshold: 20 }).value,
  },
  erf: {
    stock: ({ x }) => tf.erf(x!),
    ours: ({ x }) => pointwise('erf', formulas.erf, Variable.leaf(x!), {}).value,
  },
  'softmax-gradient': {
    stock: ({ x, R }) => stockGradient((v) => tf.softmax(v), x!, R),
    ours: ({ x, R }) => ourGradient((v) => F.softmax(v, 0), x!, R),
  },
};
