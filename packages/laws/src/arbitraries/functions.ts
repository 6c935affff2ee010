/**
 * Steps that are functions of a map, fitted to its shape. None lets values grow: what multiplies a value is bounded, so
 * that a network of any such steps stays finite.
 */
import type { OpName } from '@touchstone/contract';
import fc from 'fast-check';
import type { Shape } from './fit.js';
import { movements } from './function-movements.js';
import { pick, type Write, type Writer } from './function-writer.js';
import { mapForms } from './map-forms.js';

export interface FunctionStep {
  readonly kind: 'function';
  readonly name: string;
  readonly a: number;
  readonly b: number;
}

type Attributes = Readonly<Record<string, unknown>>;
const activation = (op: OpName, ...choices: readonly Attributes[]): [string, Write] => [
  op,
  ({ call }, x, _shape, a) => call(op, [x], choices.length === 0 ? {} : pick(choices, a)),
];
const overDimension = (op: OpName): [string, Write] => [
  op,
  (writer, x, _shape, a) => plusHalf(writer, x, writer.call(op, [x], { dim: 1 + (a % 3) })),
];
/** Plus x/2: what is pooled then, and its gradient, are not zero but for rounding. */
const plusHalf = ({ call, number }: Writer, x: string, value: string): string =>
  call('add', [value, call('mul', [x, number(0.5)])]);

const activations = Object.fromEntries([
  ...(['sigmoid', 'silu', 'hardswish', 'hardsigmoid', 'tanh', 'mish', 'selu', 'abs', 'erf', 'logsigmoid'] as const).map(
    (op) => activation(op),
  ),
  activation('gelu', { approximate: 'none' }, { approximate: 'tanh' }),
  activation('leaky_relu', { negativeSlope: 0.1 }, { negativeSlope: -0.5 }),
  activation('elu', { alpha: 0.7 }, { alpha: 1 }),
  activation('celu', { alpha: 0.7 }, { alpha: 2 }),
  activation('softplus', { beta: 2, threshold: 3 }, { beta: 1, threshold: 20 }),
  activation('hardtanh', { minVal: -1, maxVal: 1.5 }),
  activation('clamp', { min: -1, max: 1.5 }, { min: null, max: 0.5 }, { min: 0.5, max: null }),
  activation('threshold', { threshold: 0.1, value: -0.5 }),
  overDimension('softmax'),
  overDimension('log_softmax'),
]);

/** Of |x| + ½, or of tanh(x), which stay where their derivatives are small. */
const bounded = Object.fromEntries(
  (['log', 'sqrt', 'rsqrt', 'exp', 'pow'] as const).map((op): [string, Write] => [
    op,
    ({ call, number }, x, _shape, a) => {
      const inside = op === 'exp' ? call('tanh', [x]) : call('add', [call('abs', [x]), number(0.5)]);
      return call(op, [inside], op === 'pow' ? { exponent: pick([-1, 0.5, -2, 1], a) } : {});
    },
  ]),
);

const dimensions = [[1], [2, 3], [3], [1, 2, 3], [2]];
const epsilons = [1e-5, 1e-3, 0.1];
/** No tensor, a weight, or a weight and a bias. */
const affine = ({ weight }: Writer, shape: readonly number[], drawn: number): string[] =>
  Array.from({ length: drawn % 3 }, () => weight(shape));
const both = ({ weight }: Writer, channels: number, drawn: number): string[] =>
  drawn % 2 === 0 ? [] : [weight([channels]), weight([channels])];

const normalisations: Readonly<Record<string, Write>> = {
  layer_norm: (writer, x, shape, a, b) => {
    const normalizedShape = shape.slice(a % 3);
    const eps = pick(epsilons, a);
    const inputs = [x, ...affine(writer, normalizedShape, b)];
    return plusHalf(writer, x, writer.call('layer_norm', inputs, { normalizedShape, eps }));
  },
  rms_norm: (writer, x, shape, a, b) => {
    const normalizedShape = shape.slice(a % 3);
    const weight = affine(writer, normalizedShape, b % 2);
    return writer.call('rms_norm', [x, ...weight], { normalizedShape, eps: pick(epsilons, a) });
  },
  group_norm: (writer, x, [c], a, b) => {
    const groups = [1, 2, 3, 4].filter((each) => c % each === 0);
    const attributes = { numGroups: pick(groups, a), eps: pick(epsilons, b) };
    return plusHalf(writer, x, writer.call('group_norm', [x, ...both(writer, c, b)], attributes));
  },
  instance_norm: (writer, x, [c], a, b) =>
    plusHalf(writer, x, writer.call('instance_norm', [x, ...both(writer, c, b)], { eps: pick(epsilons, a) })),
  local_response_norm: ({ call }, x, _shape, a, b) =>
    call('local_response_norm', [x], { size: 1 + (a % 4), alpha: 0.5, beta: 0.75, k: 1 + (b % 2) }),
  batch_norm: (writer, x, [c], a) => {
    const statistics = [writer.weight([c]), writer.weight([c], 'positive')];
    return writer.call('batch_norm', [x, ...statistics, ...both(writer, c, a)], { eps: 0.1 });
  },
  mean: ({ call, number }, x, _shape, a) => {
    const mean = call('mean', [x], { dims: pick(dimensions, a), keepdim: true });
    return call('sub', [x, call('mul', [mean, number(0.5)])]);
  },
  amax: ({ call }, x, _shape, a) => call('sub', [x, call('amax', [x], { dims: pick(dimensions, a), keepdim: true })]),
  max: ({ call }, x, _shape, a) => call('sub', [x, call('max', [x], { dim: 1 + (a % 3), keepdim: true })]),
  sum: ({ call }, x, _shape, a) => {
    const gate = call('tanh', [call('sum', [x], { dims: pick(dimensions, a), keepdim: true })]);
    return call('mul', [gate, x]);
  },
  norm: ({ call, number }, x, _shape, a) =>
    call('div', [x, call('add', [call('norm', [x], { dims: pick(dimensions, a), keepdim: true }), number(1)])]),
  prelu: ({ call, weight }, x, [c], a) => call('prelu', [x, weight([pick([1, c], a)])]),
  gate: ({ call }, x, _shape, a) => {
    const squeezed = call('mean', [x], { dims: [2, 3], keepdim: true });
    return call('mul', [x, call(pick(['sigmoid', 'hardsigmoid'] as const, a), [squeezed])]);
  },
};

const ofAnyMap: Readonly<Record<string, Write>> = { ...activations, ...bounded, ...normalisations, ...movements };
const table: Readonly<Record<string, Write>> = { ...ofAnyMap, mapForms };

const choice = fc.nat({ max: 11 });
export const functionStep: fc.Arbitrary<FunctionStep> = fc.record({
  kind: fc.constant('function' as const),
  name: fc.constantFrom(...Object.keys(ofAnyMap)),
  a: choice,
  b: choice,
});

/** A map in its three forms; see `mapForms`. */
export const mapFormsStep = (skip: number): FunctionStep => ({ kind: 'function', name: 'mapForms', a: skip, b: 0 });

export function writeFunction({ name, a, b }: FunctionStep, writer: Writer, x: string, shape: Shape) {
  const written = table[name]!(writer, x, shape, a, b);
  return typeof written === 'string' ? { value: written, shape } : written;
}
