import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromHost, nchwShape, scoped, toHost } from '../layout.js';
import { indexSelect } from './along-dim.js';
import { abs } from './activations.js';
import { amax, norm } from './reductions.js';
import { withGradient } from '../testing.js';
import { Variable } from '../autograd/variable.js';

const x = { shape: [1, 2, 2, 2], data: Float64Array.of(2, 2, 1, 0, 0, 0, 0, 0) };

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend(backend);
  });

  // torch 2.15 in float64; R is 1, 2, 3, … in NCHW order
  it.each<{ name: string; run: (x: Variable) => Variable; shape: number[]; y: number[]; gradient: number[] }>([
    { name: 'abs', run: abs, shape: [1, 2, 2, 2], y: [2, 2, 1, 0, 0, 0, 0, 0], gradient: [1, 2, 3, 0, 0, 0, 0, 0] },
    {
      name: 'amax over channels',
      run: (v) => amax(v, [1]),
      shape: [1, 1, 2, 2],
      y: [2, 2, 1, 0],
      gradient: [1, 2, 3, 2, 0, 0, 0, 2],
    },
    {
      name: 'amax over maps',
      run: (v) => amax(v, [2, 3]),
      shape: [1, 2, 1, 1],
      y: [2, 0],
      gradient: [0.5, 0.5, 0, 0, 0.5, 0.5, 0.5, 0.5],
    },
    {
      name: 'amax over columns',
      run: (v) => amax(v, [-1]),
      shape: [1, 2, 2, 1],
      y: [2, 1, 0, 0],
      gradient: [0.5, 0.5, 2, 0, 1.5, 1.5, 2, 2],
    },
    { name: 'amax of all', run: (v) => amax(v), shape: [], y: [2], gradient: [0.5, 0.5, 0, 0, 0, 0, 0, 0] },
    {
      name: 'norm over channels',
      run: (v) => norm(v, [1]),
      shape: [1, 1, 2, 2],
      y: [2, 2, 1, 0],
      gradient: [1, 2, 3, 0, 0, 0, 0, 0],
    },
    {
      name: 'norm over maps',
      run: (v) => norm(v, [2, 3]),
      shape: [1, 2, 1, 1],
      y: [3, 0],
      gradient: [2 / 3, 2 / 3, 1 / 3, 0, 0, 0, 0, 0],
    },
    { name: 'norm of all', run: (v) => norm(v), shape: [], y: [3], gradient: [2 / 3, 2 / 3, 1 / 3, 0, 0, 0, 0, 0] },
    {
      name: 'indexSelect of channels, one twice',
      run: (v) => indexSelect(v, 1, [1, 0, 1]),
      shape: [1, 3, 2, 2],
      y: [0, 0, 0, 0, 2, 2, 1, 0, 0, 0, 0, 0],
      gradient: [5, 6, 7, 8, 10, 12, 14, 16],
    },
    {
      name: 'indexSelect of a column',
      run: (v) => indexSelect(v, -1, [1]),
      shape: [1, 2, 2, 1],
      y: [2, 0, 0, 0],
      gradient: [0, 1, 0, 2, 0, 3, 0, 4],
    },
  ])('$name, and its gradient', async ({ run, shape, y, gradient }) => {
    const before = tf.memory().numTensors;
    await scoped(async () => {
      const output = run(Variable.leaf(fromHost(x)));
      expect(nchwShape(output.shape)).toEqual(shape);
      const R = fromHost({ shape, data: Float64Array.from(y, (_, i) => i + 1) });
      const result = withGradient(run, fromHost(x), R);
      expect(Array.from((await toHost(result.y)).data)).toEqual(y);
      for (const [i, value] of (await toHost(result.gradient)).data.entries())
        expect(value).toBeCloseTo(gradient[i]!, 6);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([[[2]], [[-1]], [[0.5]]])('refuses the index %s, by its value', (index) => {
    const input = tf.zeros([2, 2]);
    expect(() => indexSelect(Variable.leaf(input), 0, index)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(String(index[0])) }),
    );
    input.dispose();
  });
});
