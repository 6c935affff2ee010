import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backward, grad } from './backward.js';
import { add, clone, linear, relu } from '../functional/functional.js';
import { pytorchRules } from '../rules.js';
import { start, values } from '../testing.js';
import { Variable } from './variable.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const of = (...numbers: number[]) => tf.tensor1d(numbers);

/** y = x₀·x₁ */
function times(a: Variable, b: Variable): Variable {
  const [x, y] = [a.value, b.value];
  return Variable.result('times', tf.mul(x, y), [a, b], (R) => [tf.mul(R, y), tf.mul(R, x)]);
}

describe('grad', () => {
  it.each<{ name: string; run: (x: Variable) => Variable; gradient: number }>([
    { name: 'x', run: (x) => x, gradient: 1 },
    { name: 'x + x', run: (x) => add(x, x), gradient: 2 },
    { name: 'x + x + x + x', run: (x) => [x, x, x].reduce(add, x), gradient: 4 },
    { name: 'x·x', run: (x) => times(x, x), gradient: 6 },
    { name: 'x³', run: (x) => times(times(x, x), x), gradient: 27 },
    { name: 'a diamond: x² + 2x', run: (x) => add(times(x, x), add(x, x)), gradient: 8 },
    { name: 'diamonds in a row: (2x)·2', run: (x) => [1, 2].reduce((v) => add(v, v), x), gradient: 4 },
    {
      name: 'a long and a short way: 8x + x',
      run: (x) =>
        add(
          [1, 2, 3].reduce((v) => add(v, v), x),
          x,
        ),
      gradient: 9,
    },
  ])('of $name at 3', ({ run, gradient }) => {
    const x = start(of(3));
    expect(values(grad(run(x), of(1), [x])[0]!)).toEqual([gradient]);
  });

  it('is the vector–Jacobian product, not the sum', () => {
    const x = start(of(1, 2, 3));
    expect(values(grad(times(x, x), of(1, 0, -2), [x])[0]!)).toEqual([2, 0, -12]);
  });

  it('gives an intermediate its total gradient, and its input too', () => {
    const x = start(of(3));
    const y = add(x, x);
    const z = add(times(y, y), y);
    const [ofY, ofX, ofZ] = grad(z, of(1), [y, x, z]);
    expect([ofY, ofX, ofZ].map((gradient) => values(gradient!))).toEqual([[13], [26], [1]]);
  });

  it('may be taken twice from the same graph', () => {
    const x = start(of(3));
    const y = times(x, x);
    expect([grad(y, of(1), [x]), grad(y, of(2), [x])].map(([gradient]) => values(gradient!))).toEqual([[6], [12]]);
  });

  it('runs only nodes on a path to a wanted input', () => {
    const [a, b] = [start(of(2)), start(of(5))];
    const never = Variable.result('never', of(1), [b], () => {
      throw new Error('ran');
    });
    expect(values(grad(add(a, never), of(1), [a])[0]!)).toEqual([1]);
  });

  it.each<{ name: string; run: () => unknown; message: string }>([
    {
      name: 'an output without a graph',
      run: () => grad(Variable.leaf(of(1)), of(1), [start(of(1))]),
      message: 'does not depend on any tensor',
    },
    {
      name: 'an input that requires none',
      run: () => grad(clone(start(of(1))), of(1), [Variable.leaf(of(1))]),
      message: 'does not require one',
    },
    {
      name: 'an input that the output does not use',
      run: () => grad(clone(start(of(1))), of(1), [start(of(1))]),
      message: 'does not depend on one of the inputs',
    },
    {
      name: 'an input that was made from the output',
      run: () => {
        const x = clone(start(of(1)));
        return grad(x, of(1), [clone(x)]);
      },
      message: 'does not depend on one of the inputs',
    },
  ])('refuses $name', ({ run, message }) => {
    expect(run).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) as string }),
    );
  });

  it('continues where no gradient arrives: an unused path next to a used one', () => {
    const x = start(of(3));
    const [first] = Variable.behindOneNode([x, relu(x, pytorchRules)]).variables;
    expect(values(grad(first!, of(2), [x])[0]!)).toEqual([2]);
  });

  it('hands each output of an operation its own gradient', () => {
    const x = start(of(3));
    const [once, twice] = Variable.behindOneNode([x, add(x, x)]).variables;
    expect(values(grad(add(once!, times(twice!, twice!)), of(1), [x])[0]!)).toEqual([1 + 2 * 12]);
  });
});

describe('backward', () => {
  it('adds to what leaves have, run after run', () => {
    const [x, w] = [start(of(3)), start(of(5))];
    const y = times(x, w);
    backward(y, of(1));
    expect([x, w].map(({ grad }) => values(grad!))).toEqual([[5], [3]]);
    backward(y, of(10));
    expect([x, w].map(({ grad }) => values(grad!))).toEqual([[55], [33]]);
  });

  it('gives nothing to a leaf that requires none, and grad accumulates nothing', () => {
    const [x, w] = [start(of(3)), Variable.leaf(of(5))];
    const y = times(x, w);
    grad(y, of(1), [x]);
    expect(x.grad).toBeNull();
    backward(y, of(1));
    expect(w.grad).toBeNull();
  });
});

describe('hooks on tensors', () => {
  it('see the total gradient once, in order, and may replace it', () => {
    const seen: [string, number[]][] = [];
    const x = start(of(3));
    const y = add(x, x);
    y.registerHook((gradient) => void seen.push(['first', values(gradient)]));
    y.registerHook((gradient) => tf.mul(gradient, of(10)));
    y.registerHook((gradient) => void seen.push(['third', values(gradient)]));
    expect(values(grad(add(y, y), of(1), [x])[0]!)).toEqual([40]);
    expect(seen).toEqual([
      ['first', [2]],
      ['third', [20]],
    ]);
  });

  it('replace what a wanted tensor itself is given', () => {
    const x = start(of(3));
    x.registerHook((gradient) => tf.mul(gradient, of(10)));
    expect(values(grad(add(x, x), of(1), [x])[0]!)).toEqual([20]);
  });

  it('are gone when removed', () => {
    const x = start(of(3));
    const handle = x.registerHook((gradient) => tf.mul(gradient, of(10)));
    handle.remove();
    handle.remove();
    expect(values(grad(clone(x), of(1), [x])[0]!)).toEqual([1]);
  });

  it('stay with the value that they were put on, before an in-place change', () => {
    const seen: number[][] = [];
    const x = start(of(-3, 3));
    const y = clone(x);
    y.registerHook((gradient) => void seen.push(values(gradient)));
    relu(y, pytorchRules, { inplace: true });
    grad(y, of(1, 1), [x]);
    expect(seen).toEqual([[0, 1]]);
  });

  it('are refused on a result where there is no gradient to see', () => {
    expect(() => clone(Variable.leaf(of(1))).registerHook(() => {})).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
  });
});

describe('tensors', () => {
  let scope: () => void;
  beforeEach(() => {
    tf.engine().startScope('test');
    scope = () => tf.engine().endScope();
    return () => scope();
  });

  it.each<{ name: string; wanted: (all: { x: Variable; y: Variable; z: Variable; w: Variable }) => Variable[] }>([
    { name: 'the input', wanted: ({ x }) => [x] },
    { name: 'an intermediate', wanted: ({ y }) => [y] },
    { name: 'both, and the output', wanted: ({ x, y, z }) => [x, y, z] },
    { name: 'a weight', wanted: ({ w }) => [w] },
  ])('only the results are left on the backend, wanting $name', ({ wanted }) => {
    const [x, w] = [
      start(tf.tensor2d([[1, -2]])),
      start(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
      ),
    ];
    const y = relu(linear(x, w, null), pytorchRules);
    const z = add(add(y, y), linear(y, w, null));
    const R = tf.ones([1, 2]);
    const before = tf.memory().numTensors;
    const answers = grad(z, R, wanted({ x, y, z, w }));
    expect(tf.memory().numTensors - before).toBe(answers.length);
    expect(R.isDisposed).toBe(false);
  });

  it('the gradient of the output itself is a copy of gradOutput', () => {
    const [x, R] = [start(of(1)), of(5)];
    const [answer] = grad(x, R, [x]);
    answer!.dispose();
    expect(values(R)).toEqual([5]);
  });
});
