/** Leaf modules and functions: PyTorch's names → what they compute. One row each. */
import type { LeafAttributes, LeafType, OpAttributes, OpName } from '@touchstone/contract';
import type { Variable } from '../autograd/variable.js';
import type { Kernels } from '../kernels/convolution.js';
import * as F from '../functional/functional.js';
import type { Affine } from '../kernels/normalisation.js';
import type { GradientRules } from '../rules.js';

/** What a leaf may use besides its input. */
export interface Surroundings {
  /** One of the module's own weights by its short name: `weight`, `bias`, `running_mean`, … */
  readonly weight: (name: string) => Variable;
  /** Of a convolution, whose weight the engine holds as kernels only: the weight where its gradient is wanted. */
  readonly watchedWeight: () => Variable | null;
  readonly kernels: () => Kernels;
  /** Of a batch normalisation, as its weights were loaded; null where one of them was changed since. */
  readonly affine: () => Affine | null;
  readonly rules: () => GradientRules;
}

interface LeafRow<T extends LeafType> {
  /** Names and shapes, as PyTorch stores them and in its order, of the weights that the leaf needs. */
  readonly weights?: (attributes: LeafAttributes<T>) => Record<string, number[]>;
  readonly forward: (x: Variable, attributes: LeafAttributes<T>, has: Surroundings) => Variable;
}

export const leaves: { readonly [T in LeafType]: LeafRow<T> } = {
  Conv2d: {
    weights: (a) => ({
      weight: [a.outChannels, a.inChannels / a.groups, ...a.kernelSize],
      ...(a.bias ? { bias: [a.outChannels] } : {}),
    }),
    forward: (x, a, has) => F.conv2d(x, has.watchedWeight(), a.bias ? has.weight('bias') : null, has.kernels(), a),
  },
  Linear: {
    weights: (a) => ({ weight: [a.outFeatures, a.inFeatures], ...(a.bias ? { bias: [a.outFeatures] } : {}) }),
    forward: (x, a, has) => F.linear(x, has.weight('weight'), a.bias ? has.weight('bias') : null),
  },
  BatchNorm2d: {
    weights: (a) => ({
      ...(a.affine ? { weight: [a.numFeatures], bias: [a.numFeatures] } : {}),
      running_mean: [a.numFeatures],
      running_var: [a.numFeatures],
    }),
    forward: (x, a, has) =>
      F.batchNorm(
        x,
        has.weight('running_mean').value,
        has.weight('running_var').value,
        a.affine ? has.weight('weight') : null,
        a.affine ? has.weight('bias') : null,
        a.eps,
        has.affine(),
      ),
  },
  ReLU: { forward: (x, a, has) => F.relu(x, has.rules(), a) },
  ReLU6: { forward: (x, a, has) => F.relu(x, has.rules(), { ceiling: 6, ...a }) },
  MaxPool2d: { forward: (x, a, has) => F.maxPool2d(x, a, has.rules()) },
  AvgPool2d: { forward: (x, a) => F.avgPool2d(x, a) },
  AdaptiveAvgPool2d: { forward: (x, a) => F.adaptiveAvgPool2d(x, a.outputSize) },
  ZeroPad2d: { forward: (x, a) => F.zeroPad2d(x, a.padding) },
  Dropout: { forward: (x) => x },
  Flatten: { forward: (x, a) => F.flatten(x, a.startDim, a.endDim) },
  Identity: { forward: (x) => x },
};

export const ops: {
  readonly [T in OpName]: (inputs: readonly Variable[], attributes: OpAttributes<T>, rules: GradientRules) => Variable;
} = {
  add: ([a, b]) => F.add(a!, b!),
  cat: (parts, a) => F.cat(parts, a.dim),
  relu: ([x], a, rules) => F.relu(x!, rules, a),
  relu6: ([x], a, rules) => F.relu(x!, rules, { ceiling: 6, ...a }),
  max_pool2d: ([x], a, rules) => F.maxPool2d(x!, a, rules),
  avg_pool2d: ([x], a) => F.avgPool2d(x!, a),
  adaptive_avg_pool2d: ([x], a) => F.adaptiveAvgPool2d(x!, a.outputSize),
  flatten: ([x], a) => F.flatten(x!, a.startDim, a.endDim),
  dropout: ([x]) => x!,
};
