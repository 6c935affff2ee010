/** The same by PyTorch in a new process: start, loading, a first and a second run. */
import type { HostTensor } from '@touchstone/contract';
import { PyTorch } from '../pytorch.js';

interface Asked {
  readonly python: string;
  readonly folder: string;
  readonly x: HostTensor;
  readonly target: number;
  readonly deadlineMs: number;
}

export interface PyTorchRun {
  readonly startMs: number;
  readonly loadMs: number;
  readonly firstRunMs: number;
  /** Of the three together. */
  readonly milliseconds: number;
  readonly warmMs: number;
  readonly attribution: HostTensor;
  readonly torch: string;
  readonly captum: string | null;
  /** Such as "cpu, 2 threads". */
  readonly device: string;
}

/** @throws TouchstoneError `process-crashed`, `port-error`, `timeout` where there is no such Python, or no PyTorch */
export async function runPyTorch({ python, folder, x, target, deadlineMs }: Asked): Promise<PyTorchRun> {
  const start = performance.now();
  const pytorch = await PyTorch.start(python, 'cpu');
  try {
    const startMs = performance.now() - start;
    const loading = performance.now();
    await pytorch.load(folder, deadlineMs);
    const loadMs = performance.now() - loading;
    const question = { shape: x.shape, x: [...x.data], class: target, answer: true };
    const first = await pytorch.saliency(question, deadlineMs);
    const { milliseconds: warmMs } = await pytorch.saliency({ ...question, answer: false }, deadlineMs);
    const [images, , height, width] = x.shape as [number, number, number, number];
    return {
      startMs,
      loadMs,
      firstRunMs: first.milliseconds,
      milliseconds: startMs + loadMs + first.milliseconds,
      warmMs,
      attribution: { shape: [images, 1, height, width], data: Float32Array.from(first.values!) },
      torch: pytorch.torch,
      captum: pytorch.captum,
      device: pytorch.device,
    };
  } finally {
    await pytorch.end();
  }
}
