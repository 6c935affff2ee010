/** Tensors that share memory: views, changes in place, and what PyTorch refuses of both. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  clone,
  expand,
  flatten,
  gradientLeaf,
  permute,
  relu,
  reshape,
  select,
  slice,
} from '../functional/functional.js';
import { pytorchRules } from '../rules.js';
import { image, start, values } from '../testing.js';
import { backward, grad } from './backward.js';
import { Variable } from './variable.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const of = (...numbers: number[]) => tf.tensor1d(numbers);
const reluInPlace = (v: Variable, ceiling = Infinity) => relu(v, pytorchRules, { inplace: true, ceiling });
const refused = expect.objectContaining({ code: 'unsupported' }) as Error;

describe('a view', () => {
  it('of a view, changed in place, changes the base and passes its gradient through both', () => {
    const x = start(tf.tensor4d([-1, 2, 3, -4], [1, 1, 2, 2])); // NHWC; in NCHW order −1, 3, 2, −4
    const base = clone(x);
    const maps = flatten(base, 2, 3);
    const all = flatten(maps, 1, 2);
    reluInPlace(all);
    expect(values(base.value)).toEqual([0, 2, 3, 0]);
    expect(values(grad(base, tf.tensor4d([1, 10, 100, 1000], [1, 1, 2, 2]), [x])[0]!)).toEqual([0, 10, 100, 0]);
    expect(values(grad(all, tf.tensor2d([[1, 10, 100, 1000]]), [x])[0]!)).toEqual([0, 100, 10, 0]);
  });

  // torch 2.15: relu_ of the view, and then the gradient of Σ base·R
  it.each<[string, (v: Variable) => Variable, number[], number[]]>([
    ['a permutation', (v) => permute(v, [0, 3, 1, 2]), [0, 2, 3, 0, 5, 0], [0, 2, 3, 0, 5, 0]],
    ['every second column', (v) => slice(v, 3, 0, 3, 2), [0, 2, 3, 0, 5, 0], [0, 2, 3, 0, 5, 0]],
    ['the last columns', (v) => slice(v, 3, 1, 3), [-1, 2, 3, -4, 5, 0], [1, 2, 3, 4, 5, 0]],
    ['a row', (v) => select(v, 2, 1), [-1, 2, 3, 0, 5, 0], [1, 2, 3, 0, 5, 0]],
    ['one of a row', (v) => select(select(v, 2, 1), 2, 2), [-1, 2, 3, -4, 5, 0], [1, 2, 3, 4, 5, 0]],
    ['a part of a reshape', (v) => slice(reshape(v, [6]), 0, 0, 4), [0, 2, 3, 0, 5, -6], [0, 2, 3, 0, 5, 6]],
  ])('%s, changed in place, changes that part of the base', (_name, viewOf, y, gradient) => {
    const x = start(tf.tensor4d([-1, 2, 3, -4, 5, -6], [1, 2, 3, 1]));
    const base = clone(x);
    const view = viewOf(base);
    reluInPlace(view);
    expect(values(base.value)).toEqual(y);
    expect(values(view.value)).toEqual(values(viewOf(base).value));
    expect(values(grad(base, tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]), [x])[0]!)).toEqual(gradient);
  });

  it('shows what its base became, in its own order', () => {
    const base = clone(Variable.leaf(tf.tensor2d([[-1, 2, 3]])));
    const [turned, last] = [permute(base, [1, 0]), select(base, 1, 0)];
    expect(values(last.value)).toEqual([-1]);
    reluInPlace(base);
    expect([values(turned.value), values(last.value)]).toEqual([[0, 2, 3], [0]]);
  });

  it('that repeats its base is not changed in place', () => {
    const view = expand(clone(Variable.leaf(of(1))), [2]);
    expect(() => reluInPlace(view)).toThrow(refused);
  });

  it('reads its base once for each version', () => {
    const base = clone(Variable.leaf(image([[-1, 2]])));
    const view = flatten(base, 1, -1);
    const first = view.value;
    expect(view.value).toBe(first);
    reluInPlace(base);
    expect(values(view.value)).toEqual([0, 2]);
    view.value.dispose();
    expect(values(view.value)).toEqual([0, 2]);
  });

  it('of a base without a gradient gets one when it is changed with a tensor that has one', () => {
    const view = flatten(clone(Variable.leaf(image([[1, 2]]))), 1, -1);
    const leaf = gradientLeaf(view);
    const [gradient] = grad(view, tf.tensor2d([[5, 7]]), [leaf]);
    expect(gradient!.shape).toEqual([1, 2]);
    expect(values(gradient!)).toEqual([5, 7]);
  });
});

describe('a leaf of the gradient', () => {
  it('has the gradient of all later uses, and the rest goes on to the input', () => {
    const x = start(of(3, -1));
    const y = clone(x);
    const leaf = gradientLeaf(y);
    reluInPlace(y);
    const gradients = grad(y, of(2, 5), [leaf, x]);
    expect(gradients.map(values)).toEqual([
      [2, 0],
      [2, 0],
    ]);
  });

  it('is the only one where nothing before it requires a gradient', () => {
    const y = Variable.leaf(of(1, 2));
    const leaf = gradientLeaf(y);
    expect(values(grad(y, of(3, 4), [leaf])[0]!)).toEqual([3, 4]);
    expect(() => (y.requiresGrad = false)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('a change in place', () => {
  it('of a tensor without a gradient records nothing', () => {
    const y = clone(Variable.leaf(of(-1, 2)));
    expect(reluInPlace(y).requiresGrad).toBe(false);
    expect(y.edge).toBeNull();
  });

  it('also changes a leaf whose value is made on demand, which is made once', () => {
    let times = 0;
    const leaf = Variable.leaf(() => {
      times++;
      return of(-1, 2);
    });
    expect(leaf.value).toBe(leaf.value);
    expect(times).toBe(1);
    reluInPlace(leaf);
    expect(values(leaf.value)).toEqual([0, 2]);
  });

  // torch 2.15: relu_ needs its result, hardtanh_ with 0 and 6 does not.
  it('is refused after a change whose gradient needs the result', () => {
    const twice = (first: number, second: number) => {
      const x = start(of(-1, 2, 7));
      const y = clone(x);
      reluInPlace(y, first);
      reluInPlace(y, second);
      return values(grad(y, of(1, 1, 1), [x])[0]!);
    };
    expect(twice(6, Infinity)).toEqual([0, 1, 0]);
    expect(() => twice(Infinity, Infinity)).toThrow(refused);
    expect(() => twice(Infinity, 6)).toThrow(refused);
  });
});

describe('an output of the node of a backward hook', () => {
  const hooked = () => {
    const [with_, without] = [clone(start(image([[-1, 2]]))), clone(Variable.leaf(image([[-1, 2]])))];
    const { variables, node } = Variable.behindOneNode([with_, without]);
    return { with_, without, variables: variables as [Variable, Variable], node };
  };

  it('refuses to be changed in place, as do its views, where it requires a gradient', () => {
    const { variables, node } = hooked();
    expect(node).not.toBeNull();
    expect(() => reluInPlace(variables[0])).toThrow('is changed in place');
    expect(() => reluInPlace(flatten(variables[0], 1, -1))).toThrow('is changed in place');
    expect(values(reluInPlace(flatten(variables[1], 1, -1)).value)).toEqual([0, 2]);
    expect(variables[1].requiresGrad).toBe(false);
    expect(values(reluInPlace(variables[1]).value)).toEqual([0, 2]);
  });

  it('cannot be used after its original was changed', () => {
    const { with_, without, variables } = hooked();
    reluInPlace(with_);
    reluInPlace(without);
    expect(() => variables[0].edge).toThrow(refused);
    expect(variables[1].edge).toBeNull();
  });
});

it('whether it requires a gradient can be set on a leaf only', () => {
  const y = clone(start(of(1)));
  expect(() => (y.requiresGrad = false)).toThrow(expect.objectContaining({ code: 'usage' }));
  expect(y.requiresGrad).toBe(true);
  const leaf = start(of(1));
  leaf.requiresGrad = false;
  expect(() => backward(leaf, of(1))).toThrow(expect.objectContaining({ code: 'usage' }));
});
