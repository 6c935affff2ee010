/** Linear functions of rows and of columns, as products with constant matrices. */
import type { HostTensor } from '@touchstone/contract';
import { adaptivePoolMap, resizeMaps, type AxisMap } from '@touchstone/network';
import type { Place } from './place.js';

type AnyPlace = Pick<Place<'interpolate'>, 'graph' | 'inputs' | 'to'>;

/** The mean of all, or two products with constant matrices: over rows and over columns. */
export function adaptiveAveragePool(place: Place<'AdaptiveAvgPool2d'>): void {
  const { graph, operation, inputs, to } = place;
  const [x] = inputs as [string];
  const [[, , h, w], [, , rows, columns]] = [operation.inputShapes[0]!, operation.shape] as [number[], number[]];
  if (rows === 1 && columns === 1) graph.node('GlobalAveragePool', [x], to);
  else if (rows === h && columns === w) graph.node('Identity', [x], to);
  else separable(place, adaptivePoolMap(h!, rows!), adaptivePoolMap(w!, columns!));
}

/** Runtimes disagree about the grids of Resize. */
export function interpolate(place: Place<'interpolate'>): void {
  const { attributes, inputShapes } = place.operation;
  const [h, w] = inputShapes[0]!.slice(2) as [number, number];
  separable(place, ...resizeMaps([h, w], attributes.size, attributes));
}

function separable({ graph, inputs: [x], to }: AnyPlace, vertical: AxisMap, horizontal: AxisMap): void {
  const down = graph.constant(`${to}/rows`, () => matrixOf(vertical));
  const across = graph.constant(`${to}/columns`, () => transposed(matrixOf(horizontal)));
  graph.node('MatMul', [graph.node('MatMul', [down, x!], `${to}/of-rows`), across], to);
}

function matrixOf({ rows, columns, data }: AxisMap): HostTensor {
  return { shape: [rows, columns], data };
}

function transposed({ shape: [rows, columns], data }: HostTensor): HostTensor {
  const turned = Float64Array.from(data, (_, i) => data[(i % rows!) * columns! + Math.floor(i / rows!)]!);
  return { shape: [columns!, rows!], data: turned };
}
