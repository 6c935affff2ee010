/** Faults of functions: activations, normalisations, attention. */
import type { NetworkDescription, OpAttributes, OpName } from '@touchstone/contract';
import { shapesOf } from '@touchstone/network';
import { remedy, type Mutant } from '../core/mutant.js';
import { onChangedNetwork } from './changed-network.js';
import { withCalls, type Call, type FunctionCall } from './descriptions.js';

/** Other calls for one; null: the fault cannot show in it. */
type Change = (call: FunctionCall) => readonly Call[] | null;

const ofBoth = ['saliency', 'grad-cam'];

const step = (name: string, op: OpName, args: readonly string[], attributes: object = {}): FunctionCall => ({
  name,
  op,
  args: [...args],
  attributes: { ...attributes },
});

/** The first changed description that runs on such images; null: none does. */
function runnable(
  description: NetworkDescription,
  input: readonly number[],
  changes: readonly Change[],
): NetworkDescription | null {
  for (const change of changes) {
    const changed = withCalls(description, change);
    if (changed !== null && shapesOf(changed, input) !== null) return changed;
  }
  return null;
}

const changing = (
  id: string,
  fault: string,
  how: Parameters<typeof remedy>,
  of: readonly string[],
  ...changes: readonly Change[]
): Mutant =>
  onChangedNetwork(id, fault, remedy(...how), of, {
    description: (description, input) => runnable(description, input, changes),
  });

/**
 * min(max(0.2·x + 0.5, 0), 1), which Keras and TensorFlow.js call hard sigmoid; PyTorch's is min(max(x/6 + 0.5, 0), 1).
 */
function byKeras({ name, op, args }: FunctionCall): readonly Call[] | null {
  if (op !== 'hardsigmoid' && op !== 'hardswish') return null;
  const [x] = args as [string];
  const [slope, scaled, half, line] = ['slope', 'scaled', 'half', 'line'].map((part) => `${name} ${part}`) as [
    string,
    string,
    string,
    string,
  ];
  const clamped = op === 'hardsigmoid' ? name : `${name} gate`;
  return [
    { name: slope, number: 0.2 },
    step(scaled, 'mul', [x, slope]),
    { name: half, number: 0.5 },
    step(line, 'add', [scaled, half]),
    step(clamped, 'clamp', [line], { min: 0, max: 1 }),
    ...(op === 'hardswish' ? [step(name, 'mul', [x, clamped])] : []),
  ];
}

/** Keras' normalisations have 1e-3. */
function withEpsilon(call: FunctionCall): readonly Call[] | null {
  if (!['layer_norm', 'group_norm', 'instance_norm'].includes(call.op)) return null;
  return [{ ...call, attributes: { ...call.attributes, eps: call.attributes['eps'] === 1e-3 ? 1e-5 : 1e-3 } }];
}

/**
 * (x − μ)/√(σ²·n/(n − 1) + ε)·w + b, with σ² the mean of (x − μ)²: layer norm with ε·(n − 1)/n, times √((n − 1)/n).
 */
function bySampleVariance({ name, op, args, attributes }: FunctionCall): readonly Call[] | null {
  if (op !== 'layer_norm') return null;
  const { normalizedShape, eps } = attributes as OpAttributes<'layer_norm'>;
  const n = normalizedShape.reduce((product, size) => product * size, 1);
  if (n === 1) return null;
  const [x, weight, bias] = args as [string, string?, string?];
  const at = (part: string): string => `${name} ${part}`;
  const calls: Call[] = [
    step(at('standard'), 'layer_norm', [x], { normalizedShape, eps: (eps * (n - 1)) / n }),
    { name: at('factor'), number: Math.sqrt((n - 1) / n) },
    step(at('smaller'), 'mul', [at('standard'), at('factor')]),
  ];
  if (weight !== undefined) calls.push(step(at('weighted'), 'mul', [at('smaller'), weight]));
  if (bias !== undefined) calls.push(step(at('moved'), 'add', [at('weighted'), bias]));
  return [...calls.slice(0, -1), { ...calls.at(-1)!, name }];
}

/** @param rank of queries [N,…,T,D]: what is known of a call are its names */
function overQueries(rank: 3 | 4): Change {
  const exchanged = [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];
  return ({ name, op, args, attributes }) => {
    if (op === 'softmax') {
      const { dim } = attributes as OpAttributes<'softmax'>;
      // Axis 1 of NHWC is the height.
      return [step(name, op, args, { dim: dim === 1 ? 2 : dim - 1 })];
    }
    const { scale, isCausal } = attributes as OpAttributes<'scaled_dot_product_attention'>;
    if (op !== 'scaled_dot_product_attention' || args.length > 3 || isCausal) return null;
    const [q, k, v] = args as [string, string, string];
    const at = (part: string): string => `${name} ${part}`;
    return [
      step(at('keys'), 'permute', [k], { dims: exchanged }),
      step(at('products'), 'matmul', [q, at('keys')]),
      { name: at('scale'), number: scale },
      step(at('scaled'), 'mul', [at('products'), at('scale')]),
      step(at('weights'), 'softmax', [at('scaled')], { dim: rank - 2 }),
      step(name, 'matmul', [at('weights'), v]),
    ];
  };
}

export const functionMutants: readonly Mutant[] = [
  changing(
    'gelu-otherwise',
    'GELU by tanh for the one by erf, or the other way round',
    [
      'Compute GELU as the network does: by erf, unless it says approximate="tanh"',
      'x.mul(tf.erf(x.div(Math.SQRT2)).add(1)).div(2)',
      "F.gelu(x, approximate='none')",
    ],
    ofBoth,
    (call) =>
      call.op === 'gelu'
        ? [{ ...call, attributes: { approximate: call.attributes['approximate'] === 'none' ? 'tanh' : 'none' } }]
        : null,
  ),
  changing(
    'hard-sigmoid-slope',
    "hard sigmoid, or the one inside hardswish, has Keras' slope 1/5 instead of 1/6",
    [
      'Compute hard sigmoid with the slope 1/6',
      'x.div(6).add(0.5).clipByValue(0, 1)',
      'F.hardsigmoid(x), x * F.hardsigmoid(x)',
    ],
    ['saliency'],
    byKeras,
  ),
  changing(
    'norm-epsilon',
    "layer, group or instance norm has another library's ε: Keras has 1e-3, PyTorch 1e-5",
    [
      'Set the ε of every normalisation to that of the network',
      'tf.layers.layerNormalization({ epsilon: eps })',
      'nn.LayerNorm(size, eps=eps)',
    ],
    ofBoth,
    withEpsilon,
  ),
  changing(
    'layer-norm-sample-variance',
    "layer norm's variance divides by n − 1 instead of n",
    [
      'Divide by n in the variance of layer norm',
      'tf.moments(x, -1, true).variance',
      'x.var(-1, keepdim=True, unbiased=False)',
    ],
    ofBoth,
    bySampleVariance,
  ),
  changing(
    'softmax-axis',
    'softmax is over the wrong axis: in attention over the queries instead of the keys',
    [
      'Apply softmax over the axis that the network names: in attention, the keys',
      'tf.softmax(q.matMul(k, false, true).mul(scale), -1)',
      '(scale * q @ k.transpose(-2, -1)).softmax(-1)',
    ],
    ofBoth,
    overQueries(4),
    overQueries(3),
  ),
  changing(
    'attention-unscaled',
    'the products of queries and keys are not scaled before softmax',
    [
      'Divide the products of queries and keys by the root of their length, or by what the network says',
      'tf.softmax(q.matMul(k, false, true).mul(scale), -1)',
      '(scale * q @ k.transpose(-2, -1)).softmax(-1)',
    ],
    ofBoth,
    (call) =>
      call.op === 'scaled_dot_product_attention' ? [{ ...call, attributes: { ...call.attributes, scale: 1 } }] : null,
  ),
];
