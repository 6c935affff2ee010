/** Functions that choose values of x along its axes: padding with its own values, windows of different lengths. */
import { adaptiveWindows, paddedIndex } from '@touchstone/network';
import { scalar, type Place } from './place.js';

export function pad({ graph, operation: { attributes, inputShapes }, inputs: [x], to }: Place<'pad'>): void {
  const { padding, mode, value } = attributes;
  const shape = inputShapes[0]!;
  const sides = shape.map((_, dim): [number, number] => {
    const i = 2 * (shape.length - 1 - dim);
    return [padding[i] ?? 0, padding[i + 1] ?? 0];
  });
  if (mode === 'constant') {
    const pads = graph.integers(`${to}/pads`, [...sides.map(([before]) => before), ...sides.map(([, after]) => after)]);
    graph.node('Pad', [x!, pads, graph.constant(`constant/${value}`, () => scalar(Number(value)))], to);
    return;
  }
  const axes = [...sides.entries()].filter(([, [before, after]]) => before + after > 0);
  const gathered = axes.reduce((from, [dim, around]) => {
    const index = graph.integers(`${to}/index-${dim}`, paddedIndex(mode, shape[dim]!, around));
    return graph.node('Gather', [from, index], `${to}/of-${dim}`, { axis: dim });
  }, x!);
  graph.node('Identity', [gathered], to);
}

export function adaptiveMaxPool({ graph, operation, inputs: [x], to }: Place<'adaptive_max_pool2d'>): void {
  const windows = [2, 3].map((dim) => adaptiveWindows(operation.inputShapes[0]![dim]!, operation.shape[dim]!));
  const tiled = windows.reduce((from, { index, isWhole }, i) => {
    if (isWhole) return from;
    const positions = graph.integers(`${to}/index-${i + 2}`, index);
    return graph.node('Gather', [from, positions], `${to}/of-${i + 2}`, { axis: i + 2 });
  }, x!);
  const kernelSize = windows.map(({ length }) => length);
  graph.node('MaxPool', [tiled], to, { kernel_shape: kernelSize, strides: kernelSize });
}
