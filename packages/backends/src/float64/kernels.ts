import * as tf from '@tensorflow/tfjs-core';
import { binary } from './kernels/binary.js';
import { conv2d } from './kernels/conv2d.js';
import { create } from './kernels/create.js';
import { depthwise } from './kernels/depthwise.js';
import { indexing } from './kernels/indexing.js';
import { joining } from './kernels/joining.js';
import { matmul } from './kernels/matmul.js';
import { movement } from './kernels/movement.js';
import { ordering } from './kernels/ordering.js';
import { padding } from './kernels/padding.js';
import { pooling } from './kernels/pooling.js';
import { reduction } from './kernels/reduction.js';
import { resizing } from './kernels/resizing.js';
import { unary } from './kernels/unary.js';
import type { Dense } from './dense.js';
import type { Float64Backend } from './float64-backend.js';
import type { Kernels } from './kernel.js';

/** TF.js's name of a kernel → the kernel. Forward only: the network package has its own gradients. */
const kernels: Kernels = {
  ...unary,
  ...binary,
  ...create,
  ...reduction,
  ...ordering,
  ...movement,
  ...joining,
  ...indexing,
  ...padding,
  ...matmul,
  ...conv2d,
  ...depthwise,
  ...pooling,
  ...resizing,
};

export function registerKernels(backendName: string): void {
  for (const [kernelName, compute] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const storage = backend as Float64Backend;
        const result = compute(denseInputs(storage, inputs) as never, (attrs ?? {}) as never);
        return Array.isArray(result) ? result.map((each) => storage.keep(each)) : storage.keep(result);
      },
    });
  }
}

/** TF.js passes a list instead of a map to a few kernels (AddN, Concat, Pack). */
function denseInputs(storage: Float64Backend, inputs: tf.NamedTensorInfoMap | tf.TensorInfo[]): unknown {
  if (Array.isArray(inputs)) return inputs.map((info) => storage.dense(info));
  const dense: Record<string, Dense> = {};
  for (const [name, info] of Object.entries(inputs)) if (info) dense[name] = storage.dense(info);
  return dense;
}
