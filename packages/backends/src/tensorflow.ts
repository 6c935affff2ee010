import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Backend, Device } from './backend.js';
import { bindingFolder, openBinding } from './binding.js';
import { convolutionInputGrad, firstMaximumGrad, matrixProduct, relu6Grad, reluGrad } from './binding-kernels.js';
import { probeBy } from './select.js';

/** TensorFlow on the CPU, also on a machine with a GPU; `folder` holds the binding, see docs/backends.md. */
export function tensorflowFrom(folder: string): Backend {
  const open = async (): Promise<Device> => {
    const { binding } = await openBinding(folder, {
      id: 'tensorflow',
      device: 'cpu',
      kernels: [reluGrad, relu6Grad, convolutionInputGrad, matrixProduct, firstMaximumGrad],
    });
    const processor = cpus()[0]?.model.trim() || process.arch;
    return {
      device: `TensorFlow ${binding.TF_Version} on the CPU: ${processor}, ${availableParallelism()} threads`,
      softwareRenderer: false,
    };
  };
  return {
    id: 'tensorflow',
    title: 'TensorFlow (native) on the CPU',
    deterministic: true,
    runtimes: ['process'],
    supportsWorkers: false,
    passBytes: Math.min(2 ** 32, totalmem() / 4),
    multiplyAddsPerSecond: 2e10,
    probe: () => probeBy(open),
    open: async () => {
      await open();
    },
  };
}

export const tensorflow = tensorflowFrom(bindingFolder);
