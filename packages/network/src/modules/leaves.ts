/** Leaf modules: PyTorch's names → what they compute. One row each. */
import type { LeafAttributes, LeafType, NetworkDescription } from '@touchstone/contract';
import type { Variable } from '../autograd/variable.js';
import type { Kernels } from '../ops/convolution/kernels.js';
import * as F from '../functional/functional.js';
import type { Affine } from '../ops/batch-norm.js';
import type { GradientRules } from '../rules.js';

/** What a leaf may use in addition to its input. */
export interface LeafContext {
  /** One of the module's own weights by its short name: `weight`, `bias`, `running_mean`, … */
  readonly weight: (name: string) => Variable;
  /** A convolution's weight; null if it was never requested as a variable, so the backend only holds its kernels. */
  readonly requestedWeight: () => Variable | null;
  readonly kernels: () => Kernels;
  /** A batch normalisation's scale and shift; null where one of its weights was changed after loading. */
  readonly affine: () => Affine | null;
  readonly rules: () => GradientRules;
}

interface LeafRow<T extends LeafType> {
  /** Name → shape of the weights that the leaf needs, as PyTorch stores them and in its order. */
  readonly weights?: (attributes: LeafAttributes<T>) => Record<string, number[]>;
  readonly forward: (x: Variable, attributes: LeafAttributes<T>, context: LeafContext) => Variable;
}

export const leaves: { readonly [T in LeafType]: LeafRow<T> } = {
  Conv2d: {
    weights: (a) => ({
      weight: [a.outChannels, a.inChannels / a.groups, ...a.kernelSize],
      ...(a.bias ? { bias: [a.outChannels] } : {}),
    }),
    forward: (x, a, context) =>
      F.conv2d(x, context.requestedWeight(), a.bias ? context.weight('bias') : null, context.kernels(), a),
  },
  Linear: {
    weights: (a) => ({ weight: [a.outFeatures, a.inFeatures], ...(a.bias ? { bias: [a.outFeatures] } : {}) }),
    forward: (x, a, context) => F.linear(x, context.weight('weight'), a.bias ? context.weight('bias') : null),
  },
  BatchNorm2d: {
    weights: (a) => ({
      ...(a.affine ? { weight: [a.numFeatures], bias: [a.numFeatures] } : {}),
      running_mean: [a.numFeatures],
      running_var: [a.numFeatures],
    }),
    forward: (x, a, context) =>
      F.batchNorm(
        x,
        context.weight('running_mean').value,
        context.weight('running_var').value,
        a.affine ? context.weight('weight') : null,
        a.affine ? context.weight('bias') : null,
        a.eps,
        context.affine(),
      ),
  },
  ReLU: { forward: (x, a, context) => F.relu(x, context.rules(), a) },
  ReLU6: { forward: (x, a, context) => F.relu(x, context.rules(), { ceiling: 6, ...a }) },
  MaxPool2d: { forward: (x, a, context) => F.maxPool2d(x, a, context.rules()) },
  AvgPool2d: { forward: (x, a) => F.avgPool2d(x, a) },
  AdaptiveAvgPool2d: { forward: (x, a) => F.adaptiveAvgPool2d(x, a.outputSize) },
  ZeroPad2d: { forward: (x, a) => F.zeroPad2d(x, a.padding) },
  Dropout: { forward: (x) => x },
  Flatten: { forward: (x, a) => F.flatten(x, a.startDim, a.endDim) },
  Identity: { forward: (x) => x },
};

/** `state_dict` name → shape of every weight of a network, as PyTorch stores them and in its order. */
export function weightShapes({ modules }: NetworkDescription): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  for (const [path, module] of Object.entries(modules)) {
    for (const [name, shape] of Object.entries(ownShapes(module)))
      shapes.set(path === '' ? name : `${path}.${name}`, shape);
  }
  return shapes;
}

function ownShapes(module: NetworkDescription['modules'][string]): Record<string, number[]> {
  if ('calls' in module) return module.weights ?? {};
  if ('alias' in module) return {};
  const row = leaves[module.type as LeafType] as { weights?: (attributes: unknown) => Record<string, number[]> };
  return row.weights?.(module.attributes) ?? {};
}
