/** Where gradients are missing, what full backward hooks see, as in PyTorch 2.15. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadNetwork, type Network } from '../modules/network.js';
import type { FullBackwardHook } from '../modules/module.js';
import { add, clone, relu } from '../functional/functional.js';
import { pytorchRules } from '../rules.js';
import { chain, description, leaf, start, values } from '../testing.js';
import { backward, grad } from './backward.js';
import { inModule, Node, type Gradient } from './node.js';
import { Variable } from './variable.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const of = (...numbers: number[]) => tf.tensor1d(numbers);
const shown = (gradients: readonly Gradient[]) => gradients.map((gradient) => gradient && values(gradient));

const twoRelus = () => loadNetwork(description(chain({ first: leaf.relu, second: leaf.relu })), {});
const run = (network: Network) => {
  const x = start(of(3));
  backward(network.call(x), of(1));
  return x.grad && values(x.grad);
};
const seenBy = (network: Network, path: string) => {
  const seen: unknown[] = [];
  network
    .module(path)
    .registerFullBackwardHook((_m, gradInput, gradOutput) => void seen.push(shown(gradInput), shown(gradOutput)));
  return seen;
};

describe('where no gradient is passed on', () => {
  it('a hook on the module before sees null, and gives zeros to what is before it', () => {
    const network = twoRelus();
    const seen = seenBy(network, 'first');
    network.module('second').registerFullBackwardHook(() => [null]);
    expect(run(network)).toEqual([0]);
    expect(seen).toEqual([[[0]], [null]]);
  });

  it('the module’s own hook sees the null of its pre-hook', () => {
    const network = twoRelus();
    const seen = seenBy(network, 'second');
    network.module('second').registerFullBackwardPreHook(() => [null]);
    expect(run(network)).toEqual([0]);
    expect(seen).toEqual([[[0]], [null]]);
  });

  it('an operation before it has none to give', () => {
    const network = twoRelus();
    network.module('second').registerFullBackwardHook(() => [null]);
    expect(run(network)).toBeNull();
  });

  it('a hook on an unused tensor sees null', () => {
    const x = start(of(3));
    const [first, second] = Variable.behindOneNode([x, relu(x, pytorchRules)]).variables as [Variable, Variable];
    const seen: unknown[] = [];
    second.registerHook((gradient) => void seen.push(gradient));
    grad(first, of(2), [x]);
    expect(seen).toEqual([null]);
  });
});

describe('a module whose input requires no gradient', () => {
  const one = { shape: [1, 1], data: Float32Array.of(1) };
  const linear = () => loadNetwork(description(chain({ head: leaf.linear(1, 1, false) })), { 'head.weight': one });

  it.each<{ name: string; returned: ReturnType<FullBackwardHook> }>([
    { name: 'nothing', returned: undefined },
    { name: 'null', returned: [null] },
  ])('its hooks see null for it, and may return $name', ({ returned }) => {
    const network = linear();
    const weight = network.parameter('head.weight');
    weight.requiresGrad = true;
    const seen: unknown[] = [];
    network.module('head').registerFullBackwardHook((_m, gradInput, gradOutput) => {
      seen.push(shown(gradInput), shown(gradOutput));
      return returned;
    });
    backward(network.call(Variable.leaf(tf.tensor2d([[3]]))), tf.tensor2d([[1]]));
    expect(seen).toEqual([[null], [[1]]]);
    expect(values(weight.grad!)).toEqual([3]);
  });

  it('runs as without hooks where nothing else requires one either', () => {
    const network = linear();
    network.module('head').registerFullBackwardHook(() => [null]);
    expect(values(network.call(Variable.leaf(tf.tensor2d([[3]]))).value)).toEqual([3]);
  });
});

it.each([0, 2])('%d gradients for one input are refused', (count) => {
  const network = twoRelus();
  network.module('second').registerFullBackwardHook(() => Array.from({ length: count }, () => of(1)));
  expect(() => run(network)).toThrow(`returned an array of ${count}; expected nothing, or an array of 1 gradient`);
});

it('a forward hook alone lets the module change its input in place', () => {
  const network = loadNetwork(description(chain({ first: leaf.identity, second: leaf.reluInplace })), {});
  network.module('second').registerForwardHook(() => undefined);
  const x = start(of(-3, 3));
  expect(values(grad(network.call(clone(x)), of(1, 1), [x])[0]!)).toEqual([0, 1]);
});

describe('a node', () => {
  const made = () => new Node('relu', [start(of(1)).edge], () => []).description;

  it('names the module that was running when it was made', () => {
    expect(inModule('outer', () => [inModule('inner', made), made()])).toEqual([
      'the output of relu in "inner"',
      'the output of relu in "outer"',
    ]);
    expect(made()).toBe('the output of relu');
    expect(() =>
      inModule('broken', () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(made()).toBe('the output of relu');
  });

  it('that only accumulates runs before all others', () => {
    const seen: string[] = [];
    const [a, b] = [start(of(1)), start(of(2))];
    const c = clone(a);
    c.registerHook(() => void seen.push('c'));
    b.registerHook(() => void seen.push('b'));
    backward(add(c, b), of(1));
    expect(seen).toEqual(['b', 'c']);
  });

  it('leaves to its hooks the gradients that they keep, to each kind', () => {
    const kept: Gradient[] = [];
    const x = start(of(3));
    const [y] = Variable.behindOneNode([clone(x)]).variables as [Variable];
    y.registerHook((gradient) => void kept.push(gradient));
    y.edge!.node.preHooks.add((gradients) => void kept.push(...gradients));
    y.edge!.node.postHooks.add((gradients) => void kept.push(...gradients));
    const z = clone(y);
    z.registerHook((gradient) => void kept.push(gradient));
    grad(z, of(2), [x]);
    expect(shown(kept)).toEqual([[2], [2], [2], [2]]);
  });

  it('that is wanted does not run', () => {
    const x = start(of(1));
    const y = Variable.result('never', of(1), [x], () => {
      throw new Error('ran');
    });
    expect(values(grad(clone(y), of(4), [y])[0]!)).toEqual([4]);
  });
});

it('backward leaves nothing on the backend but the gradients of the leaves', () => {
  const [x, w] = [start(of(1, -2)), start(of(3, 4))];
  const y = relu(add(relu(x, pytorchRules), w), pytorchRules);
  const R = of(1, 1);
  const before = tf.memory().numTensors;
  tf.engine().startScope('test');
  backward(y, R);
  expect(tf.memory().numTensors - before).toBe(2);
  tf.engine().endScope();
});
