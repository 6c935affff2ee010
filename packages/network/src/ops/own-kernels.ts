/** Kernels of a backend's library that it registers in addition to TF.js's own: the same numbers, faster. */
import * as tf from '@tensorflow/tfjs-core';
import type { Size2 } from './windows.js';

/** docs/backends.md says which backend registers which. 4-D tensors are NHWC, convolution kernels as TF.js has them. */
interface OwnKernels {
  /** dy·1{x>0} */
  readonly ReluGrad: (inputs: { dy: tf.Tensor; x: tf.Tensor }) => tf.Tensor;
  /** dy·1{0<x<6} */
  readonly Relu6Grad: (inputs: { dy: tf.Tensor; x: tf.Tensor }) => tf.Tensor;
  /** A convolution's gradient at its input, [N,...size,C], without dilation; `depthwise` or in one group. */
  readonly ConvolutionInputGrad: (
    inputs: { dy: tf.Tensor4D; kernel: tf.Tensor4D },
    settings: { size: Size2; stride: Size2; pad: 'same' | 'valid'; depthwise: boolean },
  ) => tf.Tensor4D;
  /** a·b, or a·bᵀ, of matrices. */
  readonly MatrixProduct: (
    inputs: { a: tf.Tensor2D; b: tf.Tensor2D },
    settings: { transposeB: boolean },
  ) => tf.Tensor2D;
  /** A max pool's gradient at its padded input; each window's goes to its first maximum. */
  readonly FirstMaximumGrad: (
    inputs: { dy: tf.Tensor4D; input: tf.Tensor4D },
    settings: { kernelSize: Size2; stride: Size2 },
  ) => tf.Tensor4D;
}

/** The current backend's kernel of that name, or null. */
export function ownKernel<Name extends keyof OwnKernels>(name: Name): OwnKernels[Name] | null {
  if (!tf.getKernel(name, tf.getBackend())) return null;
  const run = (inputs: object, settings: object = {}): tf.Tensor =>
    tf.engine().runKernel(name, inputs as tf.NamedTensorMap, settings as tf.NamedAttrMap);
  return run as OwnKernels[Name];
}
