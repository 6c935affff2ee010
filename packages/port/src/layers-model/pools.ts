/** Layers of PyTorch's pools that Keras does not have, as TF.js operations: these give their gradients. */
import * as tfc from '@tensorflow/tfjs-core';
import type { LeafAttributes } from '@touchstone/contract';
import { adaptivePoolMap, applyAxisMaps, averagePoolMap, offsets, unfoldAt, type AxisMap } from '@touchstone/network';
import type { Layer, Shape, TensorFlow } from './tensorflow.js';
import { sizeOf, type Size2 } from './window-size.js';

type Pool = LeafAttributes<'MaxPool2d'>;

export interface Pools {
  maxPool(name: string, attributes: Pool): Layer;
  averagePool(name: string, attributes: LeafAttributes<'AvgPool2d'>): Layer;
  adaptiveAveragePool(name: string, attributes: LeafAttributes<'AdaptiveAvgPool2d'>): Layer;
}

export function pools({ layers }: TensorFlow): Pools {
  /** Without weights; maps [N,H,W,C] to [N,...size(H, W),C]. */
  class OfMaps extends layers.Layer {
    static readonly className = 'TouchstoneOfMaps';
    readonly #size: (from: Size2) => Size2;
    readonly #run: (x: tfc.Tensor4D, size: Size2) => tfc.Tensor4D;

    constructor(name: string, size: (from: Size2) => Size2, run: (x: tfc.Tensor4D, size: Size2) => tfc.Tensor4D) {
      super({ name });
      this.#size = size;
      this.#run = run;
    }

    override computeOutputShape(shape: Shape | Shape[]): Shape {
      const [n, h, w, c] = shape as Shape;
      return [n!, ...this.#size([h!, w!]), c!];
    }

    override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
      const [x] = [inputs].flat() as [tfc.Tensor4D];
      return tfc.tidy(() => this.#run(x, this.#size([x.shape[1], x.shape[2]])));
    }
  }

  return {
    maxPool: (name, attributes) => new OfMaps(name, sizeOf(attributes), (x, size) => maxPool(x, size, attributes)),
    averagePool: (name, attributes) =>
      new OfMaps(name, sizeOf(attributes), (x, size) => averagePool(x, size, attributes)),
    adaptiveAveragePool: (name, { outputSize: [rows, columns] }) =>
      new OfMaps(
        name,
        ([h, w]) => [rows ?? h, columns ?? w],
        (x, size) => applyAxisMaps(x, adaptivePoolMap(x.shape[1], size[0]), adaptivePoolMap(x.shape[2], size[1])),
      ),
  };
}

/** Padded with −∞; with `ceilMode` to the end of the last window. */
function maxPool(x: tfc.Tensor4D, size: Size2, { kernelSize, stride, padding, dilation }: Pool): tfc.Tensor4D {
  const margin = (i: 0 | 1, from: number): [number, number] => {
    const end = (size[i] - 1) * stride[i] + dilation[i] * (kernelSize[i] - 1) + 1 - padding[i] - from;
    return [padding[i], Math.max(0, end)];
  };
  const margins: [number, number][] = [[0, 0], margin(0, x.shape[1]), margin(1, x.shape[2]), [0, 0]];
  const padded = margins.flat().some((n) => n > 0) ? tfc.pad(x, margins, -Infinity) : x;
  if (Math.max(...dilation) === 1) return tfc.maxPool(padded, [...kernelSize], [...stride], 'valid');
  return offsets({ kernelSize, stride, dilation })
    .map((offset) => unfoldAt(padded, offset, stride, size))
    .reduce((a, b) => tfc.maximum(a, b));
}

function averagePool(
  x: tfc.Tensor4D,
  size: Size2,
  { kernelSize, stride, padding, countIncludePad, divisorOverride }: LeafAttributes<'AvgPool2d'>,
): tfc.Tensor4D {
  const map = (i: 0 | 1): AxisMap =>
    averagePoolMap(x.shape[i + 1]!, size[i], {
      kernelSize: kernelSize[i],
      stride: stride[i],
      padding: padding[i],
      divisor: (padded, inside) =>
        divisorOverride === null ? (countIncludePad ? padded : inside) : [divisorOverride, 1][i]!,
    });
  return applyAxisMaps(x, map(0), map(1));
}
