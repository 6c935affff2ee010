/**
 * TensorFlow's C library through the binding of @tensorflow/tfjs-node-gpu, for both `tensorflow` and `cuda`. The
 * library reads its settings from the environment when it is loaded, so a process can use it for one device only.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type BackendTraits } from '@touchstone/contract';
import { registerOwnKernels, type NodeBackend, type OwnKernel } from './binding-kernels.js';
import { measurePrecision } from './precision.js';
import { findBinding, rebuildFor } from './find-binding.js';
import { selectBackend } from './select.js';

/** Where `npm run setup:tensorflow` installs it. */
export const bindingFolder = fileURLToPath(new URL('../../../.touchstone/tensorflow/', import.meta.url));

export interface Opening {
  /** The name of the TF.js backend. */
  readonly id: string;
  readonly device: 'cpu' | 'gpu';
  readonly kernels: readonly OwnKernel[];
}

/**
 * Deterministic kernels, those of oneDNN on every x86 processor (of itself TensorFlow takes them only where AVX-512
 * VNNI is, and the others have no dilation of grouped convolutions); GPUs numbered as by nvidia-smi, memory allocated
 * as needed, no TF32 in cuBLAS and cuDNN.
 */
const environment = {
  both: { TF_DETERMINISTIC_OPS: '1', TF_ENABLE_ONEDNN_OPTS: '1' },
  cpu: { CUDA_VISIBLE_DEVICES: '-1' },
  gpu: { CUDA_DEVICE_ORDER: 'PCI_BUS_ID', TF_FORCE_GPU_ALLOW_GROWTH: 'true', NVIDIA_TF32_OVERRIDE: '0' },
};

const traits: BackendTraits = { losesNaN: ['max-pool'], hasAccurateErf: true };

let loaded: { readonly folder: string; readonly id: string; readonly backend: NodeBackend } | undefined;

/**
 * Loads the binding for a device, registers its kernels under `id` and selects it; may be called again.
 *
 * @throws TouchstoneError `backend-unavailable` when something is missing, or TensorFlow would run on the other device
 */
export async function openBinding(folder: string, { id, device, kernels }: Opening): Promise<NodeBackend> {
  if (loaded && (loaded.id !== id || loaded.folder !== folder)) {
    throw new TouchstoneError(
      'backend-unavailable',
      `TensorFlow is already loaded for "${loaded.id}" in this process`,
      'Use one process per backend.',
    );
  }
  if (!loaded) {
    const { backend, fromPackage } = load(folder, device);
    fromPackage('./register_all_kernels.js');
    if (id !== 'tensorflow') tf.copyRegisteredKernels('tensorflow', id);
    // Also under TF.js's name, which its kernels use.
    for (const name of new Set([id, 'tensorflow'])) tf.registerBackend(name, () => backend);
    loaded = { folder, id, backend };
    await selectBackend(id);
    registerOwnKernels(id, backend, kernels);
    Object.assign(backend, traits);
  }
  await selectBackend(id);
  await assertFloat32();
  return loaded.backend;
}

/** The backend on a library that runs on `device`, and `require` relative to its package. */
function load(folder: string, device: Opening['device']): { backend: NodeBackend; fromPackage: NodeJS.Require } {
  if (!isMainThread)
    throw new TouchstoneError(
      'backend-unavailable',
      'TensorFlow does not see the environment of a worker thread',
      'Open the backend on the main thread.',
    );
  const { packageFolder, addon } = findBinding(folder, device);
  const fromPackage = createRequire(join(packageFolder, 'dist', 'index.js'));
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  // Logs only fatal errors, unless the environment asks for more.
  Object.assign(process.env, {
    TF_CPP_MIN_LOG_LEVEL: '3',
    ...process.env,
    ...environment.both,
    ...environment[device],
  });
  try {
    const { NodeJSKernelBackend } = fromPackage('./nodejs_kernel_backend.js') as {
      NodeJSKernelBackend: new (binding: unknown, packageName: string) => NodeBackend;
    };
    const backend = new NodeJSKernelBackend(fromPackage(addon), '@tensorflow/tfjs-node-gpu');
    if (backend.isUsingGpuDevice === (device === 'gpu')) return { backend: uploadEagerly(backend), fromPackage };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new TouchstoneError('backend-unavailable', `TensorFlow cannot be loaded: ${reason}`, rebuildFor(device));
  } finally {
    // The library has read it; child processes must see the original value.
    if (visible === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
    else process.env.CUDA_VISIBLE_DEVICES = visible;
  }
  if (device === 'gpu') {
    const driver = ['/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path));
    throw new TouchstoneError(
      'backend-unavailable',
      `TensorFlow found no GPU that it can use${driver ? '' : ', because this machine has no NVIDIA driver'}`,
      `Run "TF_CPP_MIN_LOG_LEVEL=0 node tools/setup/tensorflow-check.mjs ${folder} cuda" to see its log.`,
    );
  }
  throw new TouchstoneError(
    'backend-unavailable',
    'TensorFlow uses a GPU although CUDA_VISIBLE_DEVICES hides all of them',
    rebuildFor(device),
  );
}

/**
 * tfjs-node uploads a tensor's values to TensorFlow when a kernel first needs them, and keeps the array until then: a
 * network's weights would be uploaded during its first pass, and counted in its time.
 */
function uploadEagerly(backend: NodeBackend): NodeBackend {
  const write = backend.write.bind(backend);
  backend.write = (values, shape, dtype) => {
    const dataId = write(values, shape, dtype);
    if (dtype === 'float32') backend.getInputTensorIds([{ dataId, shape, dtype }]);
    return dataId;
  };
  return backend;
}

/** TF32 and bfloat16 are settings of TensorFlow, not of the machine; this backend promises float32. */
async function assertFloat32(): Promise<void> {
  const precision = await measurePrecision();
  if (precision !== 'float32')
    throw new TouchstoneError(
      'backend-unavailable',
      `TensorFlow computes in ${precision ?? 'less than float16'}, not in float32`,
      'Unset the environment variables that enable TF32 or bfloat16, such as ONEDNN_DEFAULT_FPMATH_MODE.',
    );
}
