import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { deconvRelu } from '../rules.js';
import { chain, description, leaf, image, values, withGradient } from '../testing.js';
import type { Variable } from '../autograd/variable.js';
import { loadNetwork } from './network.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

describe('withRules', () => {
  it('a ReLU of another rule needs nothing unchanged, so it may be followed by one in place', () => {
    const network = loadNetwork(description(chain({ first: leaf.relu, second: leaf.reluInplace })), {});
    const run = (x: Variable) => network.call(x);
    const x = image([[-1, 2]]);
    expect(() => withGradient(run, x)).toThrow('changed in place');
    expect(values(network.withRules({ relu: deconvRelu }, () => withGradient(run, x)).gradient)).toEqual([1, 1]);
    network.dispose();
  });

  const network = () => loadNetwork(description(chain({ relu: leaf.relu })), {});
  const gradient = (run: (x: Variable) => Variable) => values(withGradient(run, tf.tensor1d([-1, 1])).gradient);

  it('holds for the calls made within, and for their gradients taken later', () => {
    const net = network();
    expect(gradient((x) => net.withRules({ relu: deconvRelu }, () => net.call(x)))).toEqual([1, 1]);
    expect(gradient((x) => net.call(x))).toEqual([0, 1]);
  });

  it('ends when the call throws', () => {
    const net = network();
    expect(() =>
      net.withRules({ relu: deconvRelu }, () => {
        throw new Error('halfway');
      }),
    ).toThrow('halfway');
    expect(gradient((x) => net.call(x))).toEqual([0, 1]);
  });

  it('ends when an asynchronous call does, whether it throws or not', async () => {
    const net = network();
    const during = await net.withRules({ relu: deconvRelu }, async () => {
      await Promise.resolve();
      return gradient((x) => net.call(x));
    });
    expect(during).toEqual([1, 1]);
    expect(gradient((x) => net.call(x))).toEqual([0, 1]);
    await expect(net.withRules({ relu: deconvRelu }, async () => Promise.reject(new Error('halfway')))).rejects.toThrow(
      'halfway',
    );
    expect(gradient((x) => net.call(x))).toEqual([0, 1]);
  });

  it('nests', () => {
    const net = network();
    const inner = (x: Variable) => net.withRules({}, () => net.call(x));
    expect(gradient((x) => net.withRules({ relu: deconvRelu }, () => inner(x)))).toEqual([1, 1]);
  });

  it('reaches functional calls and ReLU6 too', () => {
    const functional = description({
      '': {
        type: 'F',
        inputs: ['x'],
        calls: [
          { name: 'a', op: 'relu', args: ['x'], attributes: { inplace: false } },
          { name: 'b', op: 'relu6', args: ['a'], attributes: { inplace: false } },
        ],
        output: 'b',
      },
    });
    const net = loadNetwork(functional, {});
    let calls = 0;
    const counting = (R: tf.Tensor) => (calls++, R.clone());
    expect(gradient((x) => net.withRules({ relu: counting }, () => net.call(x)))).toEqual([1, 1]);
    expect(calls).toBe(2);
  });
});
