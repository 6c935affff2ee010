/** Operations of a network → nodes of ONNX, with PyTorch's semantics. One row each. */
import { TouchstoneError, type OpAttributes } from '@touchstone/contract';
import type { Operation } from '@touchstone/network';
import { adaptiveAveragePool, interpolate } from './axis-maps.js';
import type { Attribute } from './graph.js';
import { adaptiveMaxPool, pad } from './gathers.js';
import { scalar, type Place } from './place.js';
import { averagePool, maxPool } from './pools.js';

type Row<T extends Operation['type']> = (place: Place<T>) => void;

export function addOperation(place: Place<Operation['type']>): void {
  const { name, type } = place.operation;
  if (!Object.hasOwn(rows, type)) throw cannot(name, `is ${type}`, 'Build this part by hand from network.json.');
  (rows[type as keyof typeof rows] as Row<Operation['type']>)(place);
}

const identity = ({ graph, inputs, to }: Pick<Place<'Identity'>, 'graph' | 'inputs' | 'to'>): void => {
  graph.node('Identity', inputs, to);
};

const rows = {
  Conv2d: ({ graph, operation: { attributes }, inputs: [x], to, weight }) => {
    const { kernelSize, stride, padding, dilation, groups, bias } = attributes;
    graph.node('Conv', [x!, weight('weight'), ...(bias ? [weight('bias')] : [])], to, {
      kernel_shape: kernelSize,
      strides: stride,
      pads: [...padding, ...padding],
      dilations: dilation,
      group: groups,
    });
  },
  Linear: ({ graph, operation: { name, attributes, inputShapes }, inputs: [x], to, weight }) => {
    if (inputShapes[0]!.length !== 2) throw cannot(name, 'is a Linear of more than 2 dimensions');
    graph.node('Gemm', [x!, weight('weight'), ...(attributes.bias ? [weight('bias')] : [])], to, { transB: 1 });
  },
  BatchNorm2d: ({ graph, operation: { name, attributes }, inputs: [x], to, weight }) => {
    const { numFeatures, eps, affine } = attributes;
    const all = (own: string, value: number) =>
      graph.constant(`${name}/${own}`, () => ({
        shape: [numFeatures],
        data: new Float32Array(numFeatures).fill(value),
      }));
    const [scale, shift] = affine ? [weight('weight'), weight('bias')] : [all('ones', 1), all('zeros', 0)];
    graph.node('BatchNormalization', [x!, scale, shift, weight('running_mean'), weight('running_var')], to, {
      epsilon: { float: eps },
    });
  },
  ReLU: ({ graph, inputs, to }) => void graph.node('Relu', inputs, to),
  ReLU6: ({ graph, inputs: [x], to }) => {
    const number = (value: number) => graph.constant(`constant/${value}`, () => scalar(value));
    graph.node('Clip', [x!, number(0), number(6)], to);
  },
  MaxPool2d: maxPool,
  AvgPool2d: averagePool,
  AdaptiveAvgPool2d: adaptiveAveragePool,
  ZeroPad2d: ({ graph, operation: { attributes }, inputs: [x], to }) => {
    const [left, right, top, bottom] = attributes.padding;
    graph.node('Pad', [x!, graph.integers(`${to}/pads`, [0, 0, top, left, 0, 0, bottom, right])], to);
  },
  Dropout: identity,
  Identity: identity,
  Flatten: ({ graph, operation: { attributes, shape, inputShapes }, inputs: [x], to }) => {
    const rank = inputShapes[0]!.length;
    const [start, end] = [attributes.startDim, attributes.endDim].map((dim) => (dim < 0 ? dim + rank : dim));
    if (start === 1 && end === rank - 1) graph.node('Flatten', [x!], to, { axis: 1 });
    else graph.node('Reshape', [x!, graph.integers(`${to}/shape`, [start === 0 ? -1 : 0, ...shape.slice(1)])], to);
  },
  view: ({ graph, operation: { shape }, inputs: [x], to }) =>
    void graph.node('Reshape', [x!, graph.integers(`${to}/shape`, [0, ...shape.slice(1)])], to),
  add: ({ graph, inputs, to }) => void graph.node('Add', inputs, to),
  cat: ({ graph, operation: { attributes, shape }, inputs, to }) =>
    void graph.node('Concat', inputs, to, {
      axis: attributes.dim < 0 ? attributes.dim + shape.length : attributes.dim,
    }),
  reshape: ({ graph, operation: { attributes }, inputs: [x], to }) =>
    void graph.node('Reshape', [x!, graph.integers(`${to}/shape`, attributes.shape)], to),
  permute: ({ graph, operation: { attributes }, inputs, to }) =>
    void graph.node('Transpose', inputs, to, { perm: attributes.dims }),
  slice: ({ graph, operation: { attributes }, inputs: [x], to }) => {
    const { dim, start, end, step } = attributes;
    const limits = Object.entries({ starts: start, ends: end, axes: dim, steps: step });
    graph.node('Slice', [x!, ...limits.map(([name, value]) => graph.integers(`${to}/${name}`, [value]))], to);
  },
  index_select: ({ graph, operation: { attributes }, inputs: [x], to }) =>
    void graph.node('Gather', [x!, graph.integers(`${to}/index`, attributes.index)], to, { axis: attributes.dim }),
  matmul: ({ graph, inputs, to }) => void graph.node('MatMul', inputs, to),
  weight: ({ graph, operation: { attributes }, to, tensor }) =>
    void graph.node('Identity', [tensor(attributes.name)], to),
  number: ({ graph, operation: { attributes }, to }) =>
    void graph.node('Identity', [graph.constant(`constant/${attributes.value}`, () => scalar(attributes.value))], to),
  conv2d: ({ graph, operation: { attributes }, inputs, to }) =>
    void graph.node('Conv', inputs, to, windowsOf(attributes)),
  conv_transpose2d: ({ graph, operation: { attributes }, inputs, to }) =>
    void graph.node('ConvTranspose', inputs, to, {
      ...windowsOf(attributes),
      output_padding: attributes.outputPadding,
    }),
  interpolate,
  pad,
  adaptive_max_pool2d: adaptiveMaxPool,
} satisfies { readonly [T in Operation['type']]?: Row<T> };

function windowsOf({ stride, padding, dilation, groups }: OpAttributes<'conv2d'>): Record<string, Attribute> {
  return { strides: stride, pads: [...padding, ...padding], dilations: dilation, group: groups };
}

function cannot(
  name: string,
  what: string,
  hint = 'Flatten its input first, and export the network again.',
): TouchstoneError {
  return new TouchstoneError('unsupported', `"${name}" ${what}, which is not written as ONNX`, hint);
}
