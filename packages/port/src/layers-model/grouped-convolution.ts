import * as tfc from '@tensorflow/tfjs-core';
import type { LeafAttributes } from '@touchstone/contract';
import type { Layer, Shape, TensorFlow } from './tensorflow.js';
import { sizeOf } from './window-size.js';

/** A convolution in groups, without padding and dilation. Its weights: kernel [h,w,in/groups,out], and the bias. */
export function groupedConvolution({ layers }: TensorFlow, name: string, attributes: LeafAttributes<'Conv2d'>): Layer {
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
      return [n!, ...sizeOf(this.#attributes)([h!, w!]), this.#attributes.outChannels];
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

  return new GroupedConvolution(name, attributes);
}
