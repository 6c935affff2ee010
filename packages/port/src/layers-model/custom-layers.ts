/** Layers of PyTorch that Keras does not have, as TF.js operations: these give their gradients. */
import * as tfc from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import type { LeafAttributes } from '@touchstone/contract';
import {
  adaptivePoolMap,
  applyAxisMaps,
  averagePoolMap,
  offsets,
  unfoldAt,
  windowCount,
  type AxisMap,
} from '@touchstone/network';

type Layer = layers.Layer;
type Shape = (number | null)[];
type Pool = LeafAttributes<'MaxPool2d'>;
type Size2 = readonly [number, number];

/** What of `tf` is needed to build a model: a port may use another copy of TensorFlow.js than we do. */
export interface TensorFlow {
  readonly layers: typeof layers;
  readonly input: (config: { shape: Shape; name: string }) => ReturnType<typeof layers.input>;
  readonly model: typeof import('@tensorflow/tfjs-layers').model;
}

export interface CustomLayers {
  maxPool(name: string, attributes: Pool): Layer;
  averagePool(name: string, attributes: LeafAttributes<'AvgPool2d'>): Layer;
  adaptiveAveragePool(name: string, attributes: LeafAttributes<'AdaptiveAvgPool2d'>): Layer;
  groupedConvolution(name: string, attributes: LeafAttributes<'Conv2d'>): Layer;
}

export function customLayers({ layers }: TensorFlow): CustomLayers {
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

  class GroupedConvolution extends layers.Layer {
    static readonly className = 'TouchstoneGroupedConvolution';
    readonly #attributes: LeafAttributes<'Conv2d'>;

    constructor(name: string, attributes: LeafAttributes<'Conv2d'>) {
      super({ name });
      this.#attributes = attributes;
    }

    override build(): void {
      const { kernelSize, inChannels, outChannels, groups, bias } = this.#attributes;
      const zeros = { apply: (shape: number[]) => tfc.zeros(shape) } as Parameters<typeof this.addWeight>[3];
      this.addWeight('kernel', [...kernelSize, inChannels / groups, outChannels], 'float32', zeros);
      if (bias) this.addWeight('bias', [outChannels], 'float32', zeros);
      this.built = true;
    }

    override computeOutputShape(shape: Shape | Shape[]): Shape {
      const [n, h, w] = shape as Shape;
      const size = ([h!, w!] as const).map((from, i) => windowCount(from, axisOf(this.#attributes, i as 0 | 1)));
      return [n!, ...size, this.#attributes.outChannels];
    }

    override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
      const [x] = [inputs].flat() as [tfc.Tensor4D];
      const [kernel, bias] = this.weights.map((weight) => weight.read()) as [tfc.Tensor4D, tfc.Tensor1D | undefined];
      const { groups, stride } = this.#attributes;
      return tfc.tidy(() => {
        const kernels = tfc.split<tfc.Tensor4D>(kernel, groups, 3);
        const parts = tfc
          .split<tfc.Tensor4D>(x, groups, 3)
          .map((part, g) => tfc.conv2d(part, kernels[g]!, [...stride], 'valid'));
        const sums = tfc.concat(parts, 3);
        return bias ? tfc.add(sums, bias) : sums;
      });
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
    groupedConvolution: (name, attributes) => new GroupedConvolution(name, attributes),
  };
}

interface Windows {
  readonly kernelSize: Size2;
  readonly stride: Size2;
  readonly padding?: Size2;
  readonly dilation?: Size2;
  readonly ceilMode?: boolean;
}

function axisOf({ kernelSize, stride, padding = [0, 0], dilation = [1, 1], ceilMode = false }: Windows, i: 0 | 1) {
  return { kernelSize: kernelSize[i], stride: stride[i], padding: padding[i], dilation: dilation[i], ceilMode };
}

function sizeOf(windows: Windows): (from: Size2) => Size2 {
  return ([h, w]) => [windowCount(h, axisOf(windows, 0)), windowCount(w, axisOf(windows, 1))];
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
