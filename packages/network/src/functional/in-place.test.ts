import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { grad } from '../autograd/backward.js';
import { Variable } from '../autograd/variable.js';
import { pytorchRules } from '../rules.js';
import { image, start, values, withGradient } from '../testing.js';
import { add, clone, flatten, gradientLeaf, relu } from './functional.js';

describe('in place', () => {
  beforeAll(() => tf.setBackend('cpu'));
  const inplace = { inplace: true };

  it('relu_ on a value that is used twice changes both uses', () => {
    const run = (v: Variable) => {
      const y = clone(v);
      const changed = relu(y, pytorchRules, inplace);
      expect(changed).toBe(y);
      return add(y, changed);
    };
    const { y, gradient } = withGradient(run, tf.tensor1d([-1, 2]));
    expect(values(y)).toEqual([0, 4]);
    expect(values(gradient)).toEqual([0, 2]);
  });

  it('what was computed before keeps the old value', () => {
    const { y, gradient } = withGradient(
      (v) => {
        const y = clone(v);
        const before = add(y, y);
        return add(before, relu(y, pytorchRules, inplace));
      },
      tf.tensor1d([-1, 2]),
    );
    expect(values(y)).toEqual([-2, 6]);
    expect(values(gradient)).toEqual([2, 3]);
  });

  it('relu_ on a flattened view changes the base, and the gradient goes both ways', () => {
    const x = tf.tensor4d([-1, 2, 3, -4], [1, 1, 2, 2]); // NHWC; flattened in NCHW order: −1, 3, 2, −4
    const { y, gradient } = withGradient(
      (v) => {
        const base = clone(v);
        const view = flatten(base, 1, -1);
        relu(view, pytorchRules, inplace);
        expect(values(view.value)).toEqual([0, 3, 2, 0]);
        return base;
      },
      x,
      tf.tensor4d([1, 10, 100, 1000], [1, 1, 2, 2]),
    );
    expect(values(y)).toEqual([0, 2, 3, 0]);
    expect(values(gradient)).toEqual([0, 10, 100, 0]);
  });

  it('the view itself can be used after its own in-place change', () => {
    const { y, gradient } = withGradient(
      (v) => {
        const view = flatten(clone(v), 1, -1);
        return add(relu(view, pytorchRules, inplace), view);
      },
      image([[-1, 2]]),
    );
    expect(values(y)).toEqual([0, 4]);
    expect(values(gradient)).toEqual([0, 2]);
  });

  it('a view shows the current base, and passes its gradient on', () => {
    const { y, gradient } = withGradient(
      (v) => {
        const base = clone(v);
        const view = flatten(base, 1, -1);
        relu(base, pytorchRules, inplace);
        return view;
      },
      image([[-1, 2]]),
      tf.tensor2d([[5, 7]]),
    );
    expect(values(y)).toEqual([0, 2]);
    expect(values(gradient)).toEqual([0, 7]);
  });

  it('a view made before its base required a gradient passes it on too', () => {
    const base = relu(Variable.leaf(image([[-1, 2]])), pytorchRules);
    const view = flatten(base, 1, -1);
    const leaf = gradientLeaf(base);
    expect(view.requiresGrad).toBe(true);
    expect(values(grad(view, tf.tensor2d([[5, 7]]), [leaf])[0]!)).toEqual([5, 7]);
  });

  it('refuses the gradient of an operation whose saved value was changed since, as PyTorch does', () => {
    const run = (v: Variable) => {
      const y = relu(v, pytorchRules);
      relu(y, pytorchRules, inplace);
      return y;
    };
    expect(() => withGradient(run, tf.tensor1d([1]))).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });

  it('refuses to change a leaf that requires a gradient, as PyTorch does', () => {
    expect(() => relu(start(tf.tensor1d([1])), pytorchRules, inplace)).toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    );
  });

  it('changes a leaf that requires none', () => {
    const leaf = Variable.leaf(tf.tensor1d([-1, 2]));
    relu(leaf, pytorchRules, inplace);
    expect(values(leaf.value)).toEqual([0, 2]);
  });
});
