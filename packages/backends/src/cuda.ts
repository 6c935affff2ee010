import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TouchstoneError } from '@touchstone/contract';
import type { Backend, Device } from './backend.js';
import { bindingFolder, openBinding } from './binding.js';
import { relu6Grad, reluGrad } from './binding-kernels.js';
import { setUpFor } from './find-binding.js';
import { probeBy } from './select.js';

/** TensorFlow on an NVIDIA GPU, never on the CPU; `folder` holds the binding, see docs/backends.md. */
export function cudaFrom(folder: string): Backend {
  const open = async (): Promise<Device> => {
    // The GPU set-up puts CUDA's libraries here; without them TensorFlow is not loaded at all.
    if (existsSync(folder) && !existsSync(join(folder, 'nvidia'))) {
      throw new TouchstoneError('backend-unavailable', 'TensorFlow is set up for the CPU only', setUpFor('gpu'));
    }
    const { binding } = await openBinding(folder, { id: 'cuda', device: 'gpu', kernels: [reluGrad, relu6Grad] });
    return { device: `TensorFlow ${binding.TF_Version} on ${await gpuName()}, without TF32`, softwareRenderer: false };
  };
  return {
    id: 'cuda',
    title: 'TensorFlow (native) on an NVIDIA GPU',
    deterministic: true,
    runtimes: ['process'],
    supportsWorkers: false,
    passBytes: 2 ** 32,
    multiplyAddsPerSecond: 5e11,
    pytorchDevice: 'cuda',
    probe: () => probeBy(open),
    open: async () => {
      await open();
    },
  };
}

/** The driver's name for the GPU that TensorFlow uses: the first in CUDA_VISIBLE_DEVICES. */
async function gpuName(): Promise<string> {
  const [first] = (process.env.CUDA_VISIBLE_DEVICES ?? '').split(',');
  const which = first ? [`--id=${first}`] : [];
  try {
    const { stdout } = await promisify(execFile)(
      'nvidia-smi',
      ['--query-gpu=name,driver_version', '--format=csv,noheader', ...which],
      { timeout: 10_000 },
    );
    const [name, driver] = stdout
      .split('\n')[0]!
      .split(',')
      .map((part) => part.trim());
    if (name && driver) return `${name}, driver ${driver}`;
  } catch {
    // nvidia-smi is not on the path, or does not know that GPU.
  }
  return 'an NVIDIA GPU that nvidia-smi does not name';
}

export const cuda = cudaFrom(bindingFolder);
