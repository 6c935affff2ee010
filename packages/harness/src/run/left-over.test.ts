/**
 * A strided convolution along an axis with a remainder after the last window, on real backends: TensorFlow left values
 * unwritten where one window fits, wasm wrote none with 'same'.
 */
import * as tf from '@tensorflow/tfjs-core';
import { backends } from '@touchstone/backends';
import type { NetworkDescription } from '@touchstone/contract';
import { fromHost, loadNetwork, scoped, toHost, Variable } from '@touchstone/network';
import { describe, expect, it } from 'vitest';

const convolution = (kernelSize: number[], stride: number[], padding: number[]): NetworkDescription => ({
  format: 'touchstone-network',
  version: 1,
  name: 'left-over',
  why: 'a test',
  input: { shape: [1, 4, 3] },
  modules: {
    '': { type: 'Net', inputs: ['x'], calls: [{ name: 'y', module: 'conv', args: ['x'] }], output: 'y' },
    conv: {
      type: 'Conv2d',
      attributes: {
        inChannels: 1,
        outChannels: 1,
        kernelSize,
        stride,
        padding,
        dilation: [1, 1],
        groups: 1,
        bias: false,
      },
    },
  },
});

/** Fills freed memory, so that values that a kernel leaves unwritten show. */
const litter = (): void =>
  tf.tidy(() => void Array.from({ length: 60 }, (_, i) => tf.mul(tf.ones([4 + (i % 8)]), 1e30)));

describe.each(backends.filter(({ runtimes }) => runtimes.includes('process')))('$id', async ({ probe, open }) => {
  const availability = await probe();
  if (availability.status === 'unavailable') {
    it.skip(`is unavailable: ${availability.reason}`);
    return;
  }
  it.each([
    { kernel: [1, 2], stride: [1, 2], padding: [0, 0], sums: [[3], [9], [15], [21]] },
    { kernel: [2, 1], stride: [1, 3], padding: [1, 0], sums: [[1], [5], [11], [17], [10]] },
    { kernel: [3, 1], stride: [2, 1], padding: [0, 0], sums: [[12, 15, 18]] },
    { kernel: [1, 3], stride: [1, 4], padding: [0, 1], sums: [[3], [9], [15], [21]] },
    {
      kernel: [1, 3],
      stride: [2, 1],
      padding: [0, 1],
      sums: [
        [3, 6, 5],
        [15, 24, 17],
      ],
    },
  ])('kernel $kernel with stride $stride, padded by $padding', async ({ kernel, stride, padding, sums }) => {
    await open();
    const network = loadNetwork(convolution(kernel, stride, padding), {
      'conv.weight': { shape: [1, 1, ...kernel], data: new Float32Array(kernel[0]! * kernel[1]!).fill(1) },
    });
    for (let time = 0; time < 5; time++) {
      litter();
      const { data, shape } = await scoped(() =>
        toHost(
          network.call(
            Variable.leaf(
              fromHost({ shape: [2, 1, 4, 3], data: Float32Array.from({ length: 24 }, (_, i) => 1 + (i % 12)) }),
            ),
          ).value,
        ),
      );
      expect(shape).toEqual([2, 1, sums.length, sums[0]!.length]);
      expect([...data]).toEqual([...sums.flat(), ...sums.flat()]);
    }
    network.dispose();
  });
});
