/**
 * Pools of PyTorch as ONNX. `ceil_mode` becomes padding at the end, because runtimes disagree about the last window;
 * padding that is as large as the kernel becomes a node of its own, because runtimes refuse it.
 */
import type { HostTensor } from '@touchstone/contract';
import type { Graph } from './graph.js';
import { scalar, type Place } from './place.js';

/** Top, left, bottom, right. */
type Pads = readonly [number, number, number, number];

export function maxPool({ graph, operation, inputs: [x], to }: Place<'MaxPool2d'>): void {
  const { kernelSize, stride, dilation } = operation.attributes;
  const pads = padsOf(operation);
  const fits = pads.every((pad, i) => pad < kernelSize[i % 2]!);
  graph.node('MaxPool', [fits ? x! : padded(graph, x!, to, pads, -Infinity)], to, {
    kernel_shape: kernelSize,
    strides: stride,
    dilations: dilation,
    pads: fits ? pads : [0, 0, 0, 0],
  });
}

export function averagePool({ graph, operation, inputs: [x], to }: Place<'AvgPool2d'>): void {
  const { kernelSize, stride, padding, countIncludePad, divisorOverride } = operation.attributes;
  const pads = padsOf(operation);
  const windows = { kernel_shape: kernelSize, strides: stride };
  const whole = pads.every((pad, i) => pad <= padding[i % 2]! && pad < kernelSize[i % 2]!);
  if (whole && divisorOverride === null) {
    graph.node('AveragePool', [x!], to, { ...windows, pads, count_include_pad: countIncludePad ? 1 : 0 });
    return;
  }
  // The mean over the padded window, and each window's own divisor in place of its size.
  const mean = graph.node('AveragePool', [padded(graph, x!, to, pads, 0)], `${to}/mean`, windows);
  const factors = graph.constant(`${to}/factors`, () => factorsOf(operation));
  graph.node('Mul', [mean, factors], to);
}

/** Such that exactly the windows of PyTorch fit. */
function padsOf({ attributes, inputShapes, shape }: Place<'MaxPool2d' | 'AvgPool2d'>['operation']): Pads {
  const { kernelSize, stride, padding, ceilMode } = attributes;
  const dilation = 'dilation' in attributes ? attributes.dilation : ([1, 1] as const);
  const end = (i: 0 | 1): number => {
    const extent = (shape[2 + i]! - 1) * stride[i] + dilation[i] * (kernelSize[i] - 1) + 1;
    return ceilMode ? extent - padding[i] - inputShapes[0]![2 + i]! : padding[i];
  };
  return [...padding, end(0), end(1)];
}

function padded(graph: Graph, x: string, to: string, [top, left, bottom, right]: Pads, value: number): string {
  const pads = graph.integers(`${to}/pads`, [0, 0, top, left, 0, 0, bottom, right]);
  const filler = graph.constant(`constant/${value}`, () => scalar(value));
  return graph.node('Pad', [x, pads, filler], `${to}/padded`);
}

/** [1,1,rows,columns]: the size of each window over its divisor. */
function factorsOf({ attributes, inputShapes, shape }: Place<'AvgPool2d'>['operation']): HostTensor {
  const { kernelSize, stride, padding, countIncludePad, divisorOverride } = attributes;
  const counted = (i: 0 | 1, window: number): number => {
    const from = inputShapes[0]![2 + i]!;
    const begin = window * stride[i] - padding[i];
    const end = Math.min(begin + kernelSize[i], from + padding[i]);
    return countIncludePad ? end - begin : Math.min(end, from) - Math.max(begin, 0);
  };
  const [rows, columns] = shape.slice(2) as [number, number];
  const data = Float64Array.from({ length: rows * columns }, (_, i) => {
    const divisor = divisorOverride ?? counted(0, Math.floor(i / columns)) * counted(1, i % columns);
    return (kernelSize[0] * kernelSize[1]) / divisor;
  });
  return { shape: [1, 1, rows, columns], data };
}
