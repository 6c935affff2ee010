/**
 * TensorFlow's operations that TF.js does not offer, as kernels under new names. The network package uses such a kernel
 * where the current backend has it registered, and its own formula elsewhere.
 */
import * as tf from '@tensorflow/tfjs-core';

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The members of tfjs-node's backend that are used here. */
export interface NodeBackend extends tf.KernelBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: Readonly<
    Record<'TF_ATTR_TYPE' | 'TF_ATTR_INT' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL' | 'TF_FLOAT', number>
  > & { readonly TF_Version: string };
  /** Uploads the tensors that TensorFlow does not have yet. */
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  executeSingleOutput(operation: string, attributes: readonly Attribute[], inputs: readonly tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
}

export interface OwnKernel {
  readonly name: string;
  /** Called once, when the backend is open, because a build of TensorFlow may lack what the kernel needs. */
  readonly works?: (backend: NodeBackend) => boolean;
  readonly run: (backend: NodeBackend, inputs: tf.NamedTensorInfoMap, attributes: tf.NamedAttrMap) => tf.TensorInfo;
}

/** dy·1{x>0}; x may be the ReLU's input or its output. */
export const reluGrad: OwnKernel = {
  name: 'ReluGrad',
  run: (backend, { dy, x }) => backend.executeSingleOutput('ReluGrad', [float(backend)], [dy!, x!]),
};

/** dy·1{0<x<6}; x may be the ReLU6's input or its output. */
export const relu6Grad: OwnKernel = {
  name: 'Relu6Grad',
  run: (backend, { dy, x }) => backend.executeSingleOutput('Relu6Grad', [float(backend)], [dy!, x!]),
};

/**
 * A convolution's gradient at its input [N,...size,C], from that of its output; `kernel` is [h,w,in,out], of a
 * depthwise one [h,w,C,m].
 */
export const convolutionInputGrad: OwnKernel = {
  name: 'ConvolutionInputGrad',
  run: (backend, { dy, kernel }, { size, stride, pad, depthwise }) => {
    const { TF_ATTR_INT, TF_ATTR_STRING } = backend.binding;
    const attributes = [
      float(backend),
      { name: 'strides', type: TF_ATTR_INT, value: [1, ...(stride as number[]), 1] },
      { name: 'padding', type: TF_ATTR_STRING, value: (pad as string).toUpperCase() },
      { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
    ];
    const shape = tf.tensor1d([dy!.shape[0]!, ...(size as number[]), kernel!.shape[2]!], 'int32');
    try {
      return backend.executeSingleOutput(
        depthwise ? 'DepthwiseConv2dNativeBackpropInput' : 'Conv2DBackpropInput',
        attributes,
        [shape, kernel!, dy!],
      );
    } finally {
      shape.dispose();
    }
  },
};

/** a·b, or a·bᵀ. TF.js multiplies matrices as a batch of one, for which TensorFlow has no fast path for vectors. */
export const matrixProduct: OwnKernel = {
  name: 'MatrixProduct',
  run: (backend, { a, b }, { transposeB }) => {
    const { TF_ATTR_BOOL } = backend.binding;
    const attributes = [
      float(backend),
      { name: 'transpose_a', type: TF_ATTR_BOOL, value: false },
      { name: 'transpose_b', type: TF_ATTR_BOOL, value: transposeB },
    ];
    return backend.executeSingleOutput('MatMul', attributes, [a!, b!]);
  },
};

/**
 * A max pool's gradient: each window's goes to its first maximum in row-major order. `input` [N,H,W,C] is padded
 * already, `dy` is [N,H',W',C]. oneDNN's gradient needs the positions that its forward pool stores, so that pool runs
 * again. TensorFlow has oneDNN on x86 only.
 */
export const firstMaximumGrad: OwnKernel = {
  name: 'FirstMaximumGrad',
  works: picksFirst,
  run: (backend, { dy, input }, { kernelSize, stride }) => {
    const { TF_ATTR_INT, TF_ATTR_STRING, TF_ATTR_BOOL } = backend.binding;
    const attributes = [
      float(backend),
      { name: 'ksize', type: TF_ATTR_INT, value: [1, ...(kernelSize as number[]), 1] },
      { name: 'strides', type: TF_ATTR_INT, value: [1, ...(stride as number[]), 1] },
      { name: 'padding', type: TF_ATTR_STRING, value: 'VALID' },
      { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
      { name: 'workspace_enabled', type: TF_ATTR_BOOL, value: true },
      // The label under which TensorFlow registers its oneDNN kernels.
      { name: '_kernel', type: TF_ATTR_STRING, value: 'MklNameChangeOp' },
    ];
    const [output, maxima] = backend.executeMultipleOutputs('_MklNativeMaxPool', attributes, [input!], 2) as [
      tf.Tensor,
      tf.Tensor,
    ];
    const gradient = backend.executeSingleOutput('_MklNativeMaxPoolGrad', attributes, [input!, output, dy!, maxima]);
    tf.dispose([output, maxima]);
    return gradient;
  },
};

/**
 * Whether the first of equal maxima gets the gradient in every channel; 37 channels cover vectors of every width and a
 * remainder.
 */
function picksFirst(backend: NodeBackend): boolean {
  const channels = 37;
  try {
    return tf.tidy(() => {
      const [input, dy] = [tf.zeros([1, 2, 2, channels]), tf.ones([1, 1, 1, channels])];
      const gradient = firstMaximumGrad.run(
        backend,
        { dy, input },
        { kernelSize: [2, 2], stride: [2, 2] },
      ) as tf.Tensor;
      return gradient.dataSync().every((value, i) => value === (i < channels ? 1 : 0));
    });
  } catch {
    return false; // without oneDNN: the network package uses its formula
  }
}

function float({ binding }: NodeBackend): Attribute {
  return { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
}

/** Registers the kernels that work under the name of the TF.js backend, which must be the current one. */
export function registerOwnKernels(backendName: string, current: NodeBackend, kernels: readonly OwnKernel[]): void {
  for (const { name, works, run } of kernels) {
    if (works && !works(current)) continue;
    tf.registerKernel({
      kernelName: name,
      backendName,
      kernelFunc: ({ backend, inputs, attrs }) => run(backend as NodeBackend, inputs, attrs ?? {}),
    });
  }
}
