import { copyFile, cp, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendTraits } from '@touchstone/contract';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { bindingFolder } from './binding.js';
import { cudaFrom } from './cuda.js';
import { kernelsLosingNaN } from './kernels-losing-nan.js';
import { tensorflow, tensorflowFrom } from './tensorflow.js';

const addon = join(bindingFolder, 'tfjs_binding.node');
const isSetUp = existsSync(addon);

// These come first, while this process has not loaded the library: a second load would find it in memory.
describe('a missing part makes it unavailable, by name and with a hint', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'touchstone-tensorflow-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const reasonOf = async (backend: { probe: typeof tensorflow.probe }): Promise<string> => {
    const found = await backend.probe();
    return found.status === 'unavailable' ? found.reason : `available: ${found.device}`;
  };

  it('no set-up', async () => {
    expect(await reasonOf(tensorflowFrom(join(folder, 'none')))).toBe(
      'TensorFlow is not set up. Run "npm run setup:tensorflow".',
    );
    await expect(tensorflowFrom(join(folder, 'none')).open()).rejects.toMatchObject({
      code: 'backend-unavailable',
      hint: 'Run "npm run setup:tensorflow".',
    });
    expect(await reasonOf(cudaFrom(join(folder, 'none')))).toBe(
      'TensorFlow is not set up. Run "npm run setup:tensorflow -- --gpu".',
    );
  });

  it('the package, or the binding', async () => {
    expect(await reasonOf(tensorflowFrom(folder))).toBe(
      `${join(folder, 'node_modules', '@tensorflow', 'tfjs-node-gpu')} is missing. ` +
        'Run "npm run setup:tensorflow" to build it again.',
    );
    await mkdir(join(folder, 'node_modules', '@tensorflow', 'tfjs-node-gpu'), { recursive: true });
    expect(await reasonOf(tensorflowFrom(folder))).toContain(
      'tfjs_binding.node is missing. Run "npm run setup:tensorflow"',
    );
  });

  it('CUDA, in a library for the CPU', async () => {
    expect(await reasonOf(cudaFrom(folder))).toBe(
      'TensorFlow is set up for the CPU only. Run "npm run setup:tensorflow -- --gpu".',
    );
  });

  describe.skipIf(!isSetUp)('with the package there', () => {
    beforeEach(() => symlink(join(bindingFolder, 'node_modules'), join(folder, 'node_modules')));

    it('a binding that is no library', async () => {
      await writeFile(
        join(folder, 'tfjs_binding.node'),
        'not a library, but long enough to have a header: '.repeat(10),
      );
      expect(await reasonOf(tensorflowFrom(folder))).toMatch(
        /^TensorFlow cannot be loaded: .*invalid ELF header\. Run "npm run setup:tensorflow" to build it again\.$/,
      );
    });

    it('a truncated library, which would end the process', async () => {
      await copyFile(addon, join(folder, 'tfjs_binding.node'));
      await mkdir(join(folder, 'tensorflow'));
      const library = join(folder, 'tensorflow', 'libtensorflow_framework.so.2');
      await copyFile(join(bindingFolder, 'tensorflow', 'libtensorflow_framework.so.2'), library);
      await truncate(library, 10_000_000);
      expect(await reasonOf(tensorflowFrom(folder))).toBe(
        'libtensorflow_framework.so.2 is truncated. Run "npm run setup:tensorflow" to build it again.',
      );
    });

    it("TensorFlow's own library", async () => {
      await copyFile(addon, join(folder, 'tfjs_binding.node'));
      expect(await reasonOf(tensorflowFrom(folder))).toMatch(
        /^TensorFlow cannot be loaded: libtensorflow\S+: cannot open shared object file/,
      );
    });
  });
});

describe.skipIf(!isSetUp)('tensorflow', () => {
  beforeAll(() => tensorflow.open());

  it('opens silently, twice, and computes without leaving tensors', async () => {
    const spies = (['log', 'info', 'warn', 'error'] as const).map((method) => vi.spyOn(console, method));
    await tensorflow.open();
    expect(tf.getBackend()).toBe('tensorflow');
    const before = tf.memory().numTensors;
    const product = tf.tidy(() =>
      tf
        .matMul(
          tf.tensor2d([
            [1, 2],
            [3, 4],
          ]),
          tf.tensor2d([[5], [6]]),
        )
        .dataSync(),
    );
    expect(Array.from(product)).toEqual([17, 39]);
    expect(tf.memory().numTensors).toBe(before);
    expect(spies.flatMap((spy) => spy.mock.calls)).toEqual([]);
  });

  it('says that it runs on the CPU, and does', async () => {
    const visible = process.env.CUDA_VISIBLE_DEVICES;
    expect(await tensorflow.probe()).toEqual({
      status: 'available',
      device: expect.stringMatching(/^TensorFlow \d+\.\d+\.\d+ on the CPU: .+, \d+ threads$/),
      softwareRenderer: false,
      precision: 'float32',
    });
    expect((tf.backend() as unknown as { isUsingGpuDevice: boolean }).isUsingGpuDevice).toBe(false);
    expect(process.env.CUDA_VISIBLE_DEVICES).toBe(visible);
  });

  it('refuses another device in the same process', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'touchstone-cuda-'));
    try {
      await cp(join(bindingFolder, 'tfjs_binding.node'), join(folder, 'tfjs_binding.node'));
      await mkdir(join(folder, 'nvidia'));
      expect(await cudaFrom(folder).probe()).toEqual({
        status: 'unavailable',
        reason: 'TensorFlow is already loaded for "tensorflow" in this process. Use one process per backend.',
      });
      expect(tf.getBackend()).toBe('tensorflow');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('declares the kernels that turn NaN into a number, and no other', async () => {
    await tensorflow.open();
    expect((tf.backend() as BackendTraits).losesNaN).toEqual(kernelsLosingNaN());
  });

  it('computes the same bits twice', () => {
    const [x, kernel] = [
      tf.randomNormal<tf.Rank.R4>([2, 33, 31, 24], 0, 1, 'float32', 1),
      tf.randomNormal<tf.Rank.R4>([3, 3, 24, 40], 0, 1, 'float32', 2),
    ];
    const once = (): Float32Array =>
      tf.tidy(() =>
        tf
          .matMul(tf.reshape(tf.conv2d(x, kernel, 1, 'same'), [2, -1]), tf.ones([33 * 31 * 40, 3]))
          .dataSync<'float32'>(),
      );
    expect(once()).toEqual(once());
    tf.dispose([x, kernel]);
  });
});

describe.skipIf(!isSetUp)("TensorFlow's own kernels", () => {
  beforeAll(() => tensorflow.open());
  const run = (
    kernel: string,
    inputs: Record<string, tf.Tensor>,
    settings: Record<string, number[] | boolean> = {},
  ): number[] => {
    const before = tf.memory().numTensors;
    const values = tf.tidy(() => [...tf.engine().runKernel<tf.Tensor>(kernel, inputs, settings).dataSync()]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(inputs);
    return values;
  };

  it.each([
    { kernel: 'ReluGrad', x: [-1, -0, 0, 1e-30, 6, 7], gradient: [0, 0, 0, 40, 50, 60] },
    { kernel: 'Relu6Grad', x: [-1, -0, 0, 1e-30, 6, 7], gradient: [0, 0, 0, 40, 0, 0] },
  ])('$kernel has the switch points of PyTorch', ({ kernel, x, gradient }) => {
    const dy = tf.tensor1d([10, 20, 30, 40, 50, 60]);
    expect(run(kernel, { dy, x: tf.tensor1d(x) })).toEqual(gradient);
  });

  it.each([
    { transposeB: false, product: [9, 12, 15, 19, 26, 33] },
    { transposeB: true, product: [5, 11, 11, 25] },
  ])('MatrixProduct, transposed: $transposeB', ({ transposeB, product }) => {
    const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const b = transposeB ? tf.tensor2d([1, 2, 3, 4], [2, 2]) : tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    expect(run('MatrixProduct', { a, b }, { transposeB })).toEqual(product);
  });

  /** What torch.nn.functional.max_pool2d gives for the same windows. */
  const none = -Infinity;
  it.each([
    {
      name: 'the first of equal values, in row-major order',
      x: [
        [3, 5],
        [5, 5],
      ],
      k: 2,
      s: 2,
      gradient: [
        [0, 1],
        [0, 0],
      ],
    },
    {
      name: 'all of them zero',
      x: [
        [0, 0],
        [0, 0],
      ],
      k: 2,
      s: 2,
      gradient: [
        [1, 0],
        [0, 0],
      ],
    },
    {
      name: 'all of them negative',
      x: [
        [-3, -1],
        [-2, -1],
      ],
      k: 2,
      s: 2,
      gradient: [
        [0, 1],
        [0, 0],
      ],
    },
    {
      name: 'padding is never the maximum',
      x: [
        [none, none, none],
        [none, -7, -8],
        [none, -9, -7],
      ],
      k: 3,
      s: 2,
      gradient: [
        [0, 0, 0],
        [0, 1, 0],
        [0, 0, 0],
      ],
    },
    {
      name: 'overlapping windows add up',
      x: [
        [1, 2, 3, 2, 1],
        [2, 4, 9, 4, 2],
        [3, 9, 9, 9, 3],
        [2, 4, 9, 4, 2],
        [1, 2, 3, 2, 1],
      ],
      k: 3,
      s: 2,
      gradient: [
        [0, 0, 0, 0, 0],
        [0, 0, 3, 0, 0],
        [0, 3, 4, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
      ],
    },
  ])('FirstMaximumGrad: $name', ({ x, k, s, gradient }) => {
    const [h, w] = [x.length, x[0]!.length];
    const input = tf.tensor4d(x.flat(), [1, h, w, 1]);
    const outputs = ((h - k) / s + 1) * ((w - k) / s + 1);
    // 1, 2, 3, … so that every window's share is distinct
    const dy = tf.tensor4d(
      Array.from({ length: outputs }, (_, i) => i + 1),
      [1, (h - k) / s + 1, (w - k) / s + 1, 1],
    );
    expect(run('FirstMaximumGrad', { dy, input }, { kernelSize: [k, k], stride: [s, s] })).toEqual(gradient.flat());
  });
});
