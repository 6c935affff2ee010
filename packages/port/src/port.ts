/** What a JavaScript port is, and what it is given: way 1 of the port protocol. */
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { NetworkDescription, Target } from '@touchstone/contract';
import type { TensorFlow } from './layers-model/tensorflow.js';

/** Of images, of fixtures and of every stage with 4 dimensions. */
export type Layout = 'NCHW' | 'NHWC';

/** A dense tensor, row-major. */
export interface PortTensor {
  /** The port's own copy, as tf.tensor(data, shape) takes it. */
  readonly shape: number[];
  readonly data: Float32Array | Float64Array;
}

/** The default export of a port that is a module. */
export interface Port {
  readonly name: string;
  readonly version: string;
  /** The layout of what it is given and of what it returns; default NCHW. */
  readonly layout?: Layout;
  /** Of the images that it is given; default float32. */
  readonly dtype?: 'float32' | 'float64';
  /** Id of a method → how the port computes it. A method that is not here is unsupported, not wrong. */
  readonly methods: Readonly<Record<string, PortMethod>>;
}

/**
 * Answers one job. Throw an error with the `code` `'unsupported'` for what the port cannot do: the case is skipped.
 */
export type PortMethod = (job: PortJob) => PortAnswer | Promise<PortAnswer>;

/**
 * Stage → its values; `attribution` is always required, and the stages that the case is about. Maps of images have the
 * layout that the port declares: `attribution` is [N,1,H,W] or, in NHWC, [N,H,W,1].
 */
export type PortAnswer = Readonly<Record<string, PortValues | tf.Tensor | undefined>>;

/** Row-major; a plain array of numbers will do. */
export interface PortValues {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** One explanation that a port is asked for. Everything in it is the port's own copy. */
export interface PortJob {
  readonly network: PortNetwork;
  /** `x`: the preprocessed images, [N,C,H,W] or, where the port declares NHWC, [N,H,W,C]. */
  readonly inputs: { readonly x: PortTensor };
  /** Stored randomness, in the same layout: `noise` is [samples,N,C,H,W] or [samples,N,H,W,C]. */
  readonly fixtures: Readonly<Record<string, PortTensor>>;
  readonly target: Target;
  /**
   * The target's class for each image, counted from 0.
   *
   * @throws an error with the code `unsupported` where the target is not the logit of a class
   */
  readonly classes: readonly number[];
  /** All of the method's parameters. `layer` and `linear` name a module, except that t-SNE's `layer` may be null. */
  readonly params: Readonly<Record<string, unknown>>;
  /**
   * The network as a model of TensorFlow.js, for images of the size of `inputs.x`: input [N,H,W,C] whatever the port's
   * layout, output [N,classes]. `model.getLayer('features.29')` is the module of that path, and
   * `model.getLayer('features')` what a container returns; a function between modules has the name of its call, such as
   * `flatten-op`. A module that is called twice is one layer that is applied twice. Each call makes a model of its own,
   * whose memory is freed when the method has answered.
   *
   * @param tensorflow the port's own `@tensorflow/tfjs`; left out: the copy that Touchstone has. A backend must be
   *   registered, which importing `@tensorflow/tfjs` does.
   * @throws an error with the code `unsupported` where Keras cannot express an operation
   */
  layersModel(tensorflow?: TensorFlow): Promise<LayersModel>;
  /**
   * The forward pass as an ONNX model (opset 18, float32) for images of the size of `inputs.x`: input `x` [N,C,H,W]
   * whatever the port's layout, with N open; output `logits`. Its constants have PyTorch's names, its nodes those of
   * the layers above.
   *
   * @param options `outputs`: what the model returns after the logits: paths of modules, with `#2` for a second
   *   call, or `'all'`: of every module and function
   * @throws an error with the code `unsupported` for an operation that is not written
   */
  onnx(options?: { readonly outputs?: readonly string[] | 'all' }): Promise<Uint8Array>;
}

export interface PortNetwork {
  /** Holds network.json and, unless they are seeded, weights.safetensors. */
  readonly folder: string;
  /** The parsed network.json. */
  readonly description: NetworkDescription;
  /** Under PyTorch's names, as PyTorch has them: convolutions are [out,in/groups,height,width]. */
  readonly weights: Readonly<Record<string, PortTensor>>;
  /**
   * Module path → its weight as TensorFlow.js takes it. Convolutions are [height,width,in/groups,out] (HWIO), depthwise
   * ones [height,width,in,multiplier], Linears [in,out].
   */
  readonly kernels: Readonly<Record<string, PortTensor>>;
}
