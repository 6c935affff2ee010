import * as tf from '@tensorflow/tfjs-core';
import { indexSelect } from '../functional/along-dim.js';
import { abs, amax, interpolate, relu, norm } from '../functional/functional.js';
import { pytorchRules } from '../rules.js';
import { Variable } from '../autograd/variable.js';
import { map, ourGradient, stockGradient, type Probe } from './probe.js';

const enlarged = { size: [4, 4], mode: 'bilinear' } as const;
const stockEnlarged = (x: tf.Tensor4D): tf.Tensor => tf.image.resizeBilinear(x, [4, 4], false, true);
const rows = [2, 0, 2];

export const functions: Readonly<Record<string, Probe>> = {
  bilinear: {
    stock: (inputs) => stockEnlarged(map(inputs, 'x')),
    ours: ({ x }) => interpolate(Variable.leaf(x!), enlarged).value,
  },
  'bilinear-gradient': {
    stock: ({ x, R }) => stockGradient((v) => stockEnlarged(v as tf.Tensor4D), x!, R),
    ours: ({ x, R }) => ourGradient((v) => interpolate(v, enlarged), x!, R),
  },
  'relu6-gradient': {
    stock: ({ x }) => stockGradient((v) => tf.relu6(v), x!),
    ours: ({ x }) => ourGradient((v) => relu(v, pytorchRules, { ceiling: 6 }), x!),
  },
  'abs-gradient': {
    stock: ({ x }) => stockGradient((v) => tf.abs(v), x!),
    ours: ({ x }) => ourGradient(abs, x!),
  },
  'norm-of-zero': {
    stock: ({ x }) => stockGradient((v) => tf.norm(v), x!),
    ours: ({ x }) => ourGradient((v) => norm(v), x!),
  },
  'max-ties': {
    stock: ({ x }) => stockGradient((v) => tf.max(v), x!),
    ours: ({ x }) => ourGradient((v) => amax(v, [0]), x!, tf.ones([1])),
  },
  'gather-gradient': {
    stock: ({ x, R }) => stockGradient((v) => tf.gather(v, tf.tensor1d(rows, 'int32')), x!, R),
    ours: ({ x, R }) => ourGradient((v) => indexSelect(v, 0, rows), x!, R),
  },
};
