/** What a backend's own kernels save in the gradient of one layer, compared with the network package's formulas. */
import * as tf from '@tensorflow/tfjs-core';
import { findBackend } from '@touchstone/backends';
import { Random, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { fromHost, grad, loadNetwork, Variable } from '@touchstone/network';
import type { Benchmark } from '../benchmark.js';
import { assertSame } from '../conv-gradient/conv-gradient.js';
import { processorTime } from '../hook-cost/hook-cost.js';
import { measureRounds, spreadOf } from '../rounds.js';
import { versionsOf } from '../versions.js';

const backend = 'tensorflow';
const [batch, channels, size] = [8, 64, 64];
type Shape = readonly [number, number, number, number];
/** One layer takes only milliseconds. */
const runsPerRound = 10;

export interface Layer {
  readonly type: string;
  readonly attributes: Record<string, unknown>;
  /** The shape of the weight, if it has one. */
  readonly weight?: readonly number[];
}

function ownKernel(
  kernel: string,
  variant: string,
  what: string,
  layer: Layer,
  required: number,
  shape: Shape = [batch, channels, size, size],
): Benchmark {
  const id = `own-kernel-${kernel}${variant}`;
  return {
    id,
    title: `gradient of ${what} on ${shape.join('×')}, by TensorFlow's kernel against our formula on ${backend}`,
    onlyBackends: [backend],
    run: async function* ({ rounds, signal, onProgress }) {
      await findBackend(backend).open();
      const own = layerGradient(layer, shape);
      const ours = withoutKernel(kernel, () => layerGradient(layer, shape));
      const formula = (): Float32Array => withoutKernel(kernel, ours.gradient);
      try {
        onProgress('checking that both give the same numbers');
        assertSame(own.gradient(), formula());
        const times = await measureRounds([own.gradient, formula], {
          rounds: rounds * runsPerRound,
          now: processorTime,
          signal,
        });
        const perSecond = (variant: 0 | 1): number =>
          (shape[0] * 1000) / spreadOf(times.map((turn) => turn[variant]!)).median;
        const ratio = spreadOf(times.map(([kernels, formulas]) => formulas! / kernels!));
        yield {
          kind: 'comparison',
          benchmark: id,
          network: layer.type,
          backend,
          batch: shape[0],
          imagesPerSecond: perSecond(0),
          stockImagesPerSecond: perSecond(1),
          milliseconds: times.map(([kernels]) => kernels!),
          software: false,
          ratio,
          // Nothing is subtracted: the layer's forward pass takes less than the clock's noise.
          ratioWithoutForward: ratio,
          required,
          verified: 'the same gradient by the kernel and by the formula',
          versions: versionsOf(backend),
          notes: [],
        };
      } finally {
        own.dispose();
        ours.dispose();
      }
    },
  };
}

/**
 * On the current backend: the gradient of a random sum of one layer's output, as values in NHWC order.
 * @param shape of its input, NCHW
 */
export function layerGradient(layer: Layer, shape: Shape): { gradient: () => Float32Array; dispose: () => void } {
  const isFlat = layer.weight?.length === 2;
  const flatten = { name: 'flat', op: 'flatten', args: ['x'], attributes: { startDim: 1, endDim: -1 } };
  const call = { name: 'y', module: 'layer', args: ['x'] };
  const description: NetworkDescription = {
    format: 'touchstone-network',
    version: 1,
    name: layer.type,
    why: 'benchmark',
    input: { shape: [shape[1], shape[2], shape[3]] },
    modules: {
      '': {
        type: 'Layer',
        inputs: ['x'],
        calls: isFlat ? [flatten, { ...call, args: ['flat'] }] : [call],
        output: 'y',
      },
      layer: { type: layer.type, attributes: layer.attributes },
    },
  };
  const random = new Random(3);
  const numbers = (of: readonly number[]): HostTensor => ({
    shape: of,
    data: Float32Array.from({ length: of.reduce((a, b) => a * b, 1) }, () => random.normal()),
  });
  const network = loadNetwork(description, layer.weight ? { 'layer.weight': numbers(layer.weight) } : {});
  const draw = (of: readonly number[]): tf.Tensor => fromHost(numbers(of));
  const x = draw(shape);
  const [n, ...rest] = tf.tidy(() => network.call(Variable.leaf(x)).value.shape) as [number, ...number[]];
  const R = draw([n, rest.at(-1)!, ...rest.slice(0, -1)]);
  return {
    gradient: () => {
      let values = new Float32Array();
      tf.tidy(() => {
        const input = Variable.leaf(x, { requiresGrad: true });
        values = grad(network.call(input), R, [input])[0]!.dataSync<'float32'>().slice();
      });
      return values;
    },
    dispose: () => {
      network.dispose();
      tf.dispose([x, R]);
    },
  };
}

/** Runs as on a backend without the kernel. Load the network in `run` too: its weights are prepared for the kernels. */
export function withoutKernel<T>(name: string, run: () => T): T {
  const kernel = tf.getKernel(name, tf.getBackend());
  tf.unregisterKernel(name, tf.getBackend());
  try {
    return run();
  } finally {
    tf.registerKernel(kernel);
  }
}

const pool = (kernel: number, padding: number): Layer => ({
  type: 'MaxPool2d',
  attributes: {
    kernelSize: [kernel, kernel],
    stride: [2, 2],
    padding: [padding, padding],
    dilation: [1, 1],
    ceilMode: false,
  },
});

/** Without a bias; the padding keeps the size where the stride is 1. */
export function convolution(kernel: number, stride: number, { depthwise = false, channels = 64 } = {}): Layer {
  const [groups, padding] = [depthwise ? channels : 1, (kernel - 1) / 2];
  return {
    type: 'Conv2d',
    attributes: {
      inChannels: channels,
      outChannels: channels,
      kernelSize: [kernel, kernel],
      stride: [stride, stride],
      padding: [padding, padding],
      dilation: [1, 1],
      groups,
      bias: false,
    },
    weight: [channels, channels / groups, kernel, kernel],
  };
}

export const linear = (inFeatures: number, outFeatures: number): Layer => ({
  type: 'Linear',
  attributes: { inFeatures, outFeatures, bias: false },
  weight: [outFeatures, inFeatures],
});

export const ownKernels: readonly Benchmark[] = [
  ownKernel('ReluGrad', '', 'ReLU', { type: 'ReLU', attributes: { inplace: false } }, 1.2),
  ownKernel('FirstMaximumGrad', '', 'max pooling 3×3 with stride 2', pool(3, 1), 1.1),
  ownKernel('FirstMaximumGrad', '-tiles', 'max pooling 2×2 with stride 2', pool(2, 0), 1.1),
  ownKernel('ConvolutionInputGrad', '-strided', 'a convolution 3×3 with stride 2', convolution(3, 2), 1.1),
  ownKernel(
    'ConvolutionInputGrad',
    '-depthwise',
    'a depthwise convolution 3×3 with stride 2',
    convolution(3, 2, { depthwise: true }),
    0.9,
  ),
  ownKernel('MatrixProduct', '', 'a linear layer 2048 → 2048', linear(2048, 2048), 1.1, [1, 2048, 1, 1]),
];
