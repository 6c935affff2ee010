import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { grad } from '../autograd/backward.js';
import type { RemovableHandle } from '../autograd/hooks.js';
import { loadNetwork, type Network } from './network.js';
import type { Gradient } from '../autograd/node.js';
import { description, leaf, start, values } from '../testing.js';
import { Variable } from '../autograd/variable.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

/** root(x) = box(x) with box = double then triple: y = 6x. */
function nested(): Network {
  const box = {
    type: 'Box',
    inputs: ['a'],
    calls: [
      { name: 'b', module: 'box.double', args: ['a'] },
      { name: 'c', module: 'box.triple', args: ['b'] },
    ],
    output: 'c',
  };
  const root = { type: 'Root', inputs: ['x'], calls: [{ name: 'y', module: 'box', args: ['x'] }], output: 'y' };
  const one = (value: number) => ({ shape: [1, 1], data: Float32Array.of(value) });
  return loadNetwork(
    description({ '': root, box, 'box.double': leaf.linear(1, 1, false), 'box.triple': leaf.linear(1, 1, false) }),
    {
      'box.double.weight': one(2),
      'box.triple.weight': one(3),
    },
  );
}

const at = (value: number) => tf.tensor2d([[value]]);
const numbers = (gradients: readonly Gradient[]) =>
  gradients.map((gradient) => (gradient ? values(gradient)[0] : null));

/** Runs y and dy/dx·1 at x = 5. */
function run(network: Network): { y: number; gradient: number } {
  const x = start(at(5));
  const y = network.call(x);
  const [gradient] = grad(y, at(1), [x]);
  return { y: values(y.value)[0]!, gradient: values(gradient!)[0]! };
}

const paths = ['box', 'box.double', 'box.triple'];

describe('order', () => {
  it('of all four hooks in a nest of modules is that of PyTorch', () => {
    const network = nested();
    const events: string[] = [];
    for (const path of paths) {
      const module = network.module(path);
      module.registerForwardPreHook((m) => void events.push(`pre ${m.path}`));
      module.registerForwardHook((m) => void events.push(`forward ${m.path}`));
      module.registerFullBackwardPreHook((m) => void events.push(`backward pre ${m.path}`));
      module.registerFullBackwardHook((m) => void events.push(`backward ${m.path}`));
    }
    expect(run(network)).toEqual({ y: 30, gradient: 6 });
    expect(events).toEqual([
      'pre box',
      'pre box.double',
      'forward box.double',
      'pre box.triple',
      'forward box.triple',
      'forward box',
      'backward pre box',
      'backward pre box.triple',
      'backward box.triple',
      'backward pre box.double',
      'backward box.double',
      'backward box',
    ]);
  });

  it('is that of registration; prepend goes before those that are there', () => {
    const module = nested().module('box.double');
    const events: number[] = [];
    module.registerForwardHook(() => void events.push(2));
    module.registerForwardHook(() => void events.push(3));
    module.registerForwardHook(() => void events.push(1), { prepend: true });
    module.registerForwardHook(() => void events.push(0), { prepend: true });
    module.call(Variable.leaf(at(1)));
    expect(events).toEqual([0, 1, 2, 3]);
  });
});

describe('replacement', () => {
  it('by a pre-hook, of the inputs; the next hook sees them', () => {
    const network = nested();
    const module = network.module('box.double');
    module.registerForwardPreHook(() => Variable.leaf(at(7)));
    let seen: number[] = [];
    module.registerForwardPreHook((_module, [x]) => {
      seen = values(x!.value);
      return [x!];
    });
    expect(values(network.call(Variable.leaf(at(5))).value)).toEqual([42]);
    expect(seen).toEqual([7]);
  });

  it('by a forward hook, of the output; it receives the inputs', () => {
    const network = nested();
    network.module('box.double').registerForwardHook((_module, [x], y) => {
      expect([values(x!.value), values(y.value)]).toEqual([[5], [10]]);
      return Variable.leaf(at(100));
    });
    expect(values(network.call(Variable.leaf(at(5))).value)).toEqual([300]);
  });

  it('by a full backward hook, of the gradient that is passed on', () => {
    const network = nested();
    network.module('box.triple').registerFullBackwardHook((_module, gradInput, gradOutput) => {
      expect([numbers(gradInput), numbers(gradOutput)]).toEqual([[3], [1]]);
      return [at(10)];
    });
    expect(run(network).gradient).toBe(20);
  });

  it('by a full backward pre-hook, of the gradient that arrives', () => {
    const network = nested();
    network
      .module('box.triple')
      .registerFullBackwardPreHook((_module, gradOutput) => gradOutput.map((g) => tf.mul(g!, at(10))));
    let seen: unknown;
    network
      .module('box.triple')
      .registerFullBackwardHook(
        (_module, gradInput, gradOutput) => void (seen = [numbers(gradInput), numbers(gradOutput)]),
      );
    expect(run(network).gradient).toBe(60);
    expect(seen).toEqual([[30], [10]]);
  });

  it('by several backward hooks in turn', () => {
    const network = nested();
    const seen: unknown[] = [];
    for (const factor of [2, 5]) {
      network.module('box').registerFullBackwardHook((_module, [g], gradOutput) => {
        seen.push([numbers([g!]), numbers(gradOutput)]);
        return [tf.mul(g!, at(factor))];
      });
    }
    expect(run(network).gradient).toBe(60);
    expect(seen).toEqual([
      [[6], [1]],
      [[12], [1]],
    ]);
  });
});

describe('full backward hooks', () => {
  it('of a container see the gradients of its own input and output', () => {
    const network = nested();
    const seen: unknown[] = [];
    for (const path of paths)
      network
        .module(path)
        .registerFullBackwardHook(
          (m, gradInput, gradOutput) => void seen.push([m.path, numbers(gradInput), numbers(gradOutput)]),
        );
    run(network);
    expect(seen).toEqual([
      ['box.triple', [3], [1]],
      ['box.double', [6], [3]],
      ['box', [6], [1]],
    ]);
  });

  it('change no value if they only read', () => {
    const plain = run(nested());
    const network = nested();
    for (const path of paths) network.module(path).registerFullBackwardHook(() => {});
    expect(run(network)).toEqual(plain);
  });

  it('see each input of a container; an unused one has zeros, as in PyTorch, passed on to what computed it', () => {
    const first = {
      type: 'First',
      inputs: ['a', 'b'],
      calls: [{ name: 'c', module: 'first.relu', args: ['a'] }],
      output: 'c',
    };
    const root = {
      type: 'Root',
      inputs: ['x'],
      calls: [
        { name: 'y', module: 'relu', args: ['x'] },
        { name: 'z', module: 'first', args: ['x', 'y'] },
      ],
      output: 'z',
    };
    const network = loadNetwork(description({ '': root, relu: leaf.relu, first, 'first.relu': leaf.relu }), {});
    const seen: unknown[] = [];
    network.module('first').registerFullBackwardHook((_module, gradInput) => void seen.push(numbers(gradInput)));
    expect(run(network)).toEqual({ y: 5, gradient: 1 });
    expect(seen).toEqual([[1, 0]]);
  });

  it('of a module that is called twice run once a call, from the last', () => {
    const root = {
      type: 'Twice',
      inputs: ['x'],
      calls: [
        { name: 'y', module: 'w', args: ['x'] },
        { name: 'z', module: 'w', args: ['y'] },
      ],
      output: 'z',
    };
    const network = loadNetwork(description({ '': root, w: leaf.linear(1, 1, false) }), {
      'w.weight': { shape: [1, 1], data: Float32Array.of(3) },
    });
    const seen: unknown[] = [];
    network
      .module('w')
      .registerFullBackwardHook(
        (_module, gradInput, gradOutput) => void seen.push([numbers(gradInput), numbers(gradOutput)]),
      );
    expect(run(network).gradient).toBe(9);
    expect(seen).toEqual([
      [[3], [1]],
      [[9], [3]],
    ]);
  });
});

describe('removal', () => {
  it.each([
    'registerForwardPreHook',
    'registerForwardHook',
    'registerFullBackwardPreHook',
    'registerFullBackwardHook',
  ] as const)('%s: gone after remove, which may be called again', (register) => {
    const network = nested();
    let calls = 0;
    const handle = network.module('box')[register](() => void calls++);
    run(network);
    expect(calls).toBe(1);
    handle.remove();
    handle.remove();
    run(network);
    expect(calls).toBe(1);
  });

  it('removes the hook that was registered, not an equal one', () => {
    const module = nested().module('box.double');
    let calls = 0;
    const hook = () => void calls++;
    const first = module.registerForwardHook(hook);
    module.registerForwardHook(hook);
    first.remove();
    module.call(Variable.leaf(at(1)));
    expect(calls).toBe(1);
  });

  it('inside a hook takes effect with the next call: this one runs to its end', () => {
    const module = nested().module('box.double');
    const events: string[] = [];
    const handles: RemovableHandle[] = [];
    handles.push(
      module.registerForwardHook(() => {
        events.push('first');
        for (const handle of handles) handle.remove();
        module.registerForwardHook(() => void events.push('late'));
      }),
    );
    handles.push(module.registerForwardHook(() => void events.push('second')));
    const x = Variable.leaf(at(1));
    module.call(x);
    expect(events).toEqual(['first', 'second']);
    module.call(x);
    expect(events).toEqual(['first', 'second', 'late']);
  });

  it('after the forward pass does not affect the backward hooks of that pass', () => {
    const network = nested();
    let calls = 0;
    const handle = network.module('box').registerFullBackwardHook(() => void calls++);
    const x = start(at(5));
    const y = network.call(x);
    handle.remove();
    grad(y, at(1), [x]);
    expect(calls).toBe(1);
  });
});

it.each([
  'registerForwardPreHook',
  'registerForwardHook',
  'registerFullBackwardPreHook',
  'registerFullBackwardHook',
] as const)('a hook that throws (%s) passes its error on, and the next run is as if it had not been', (register) => {
  const network = nested();
  const before = tf.memory().numTensors;
  const handle = network.module('box.double')[register](() => {
    throw new Error('from the hook');
  });
  tf.engine().startScope('failing');
  expect(() => run(network)).toThrow('from the hook');
  tf.engine().endScope();
  handle.remove();
  expect(tf.memory().numTensors).toBe(before);
  tf.engine().startScope('next');
  expect(run(network)).toEqual({ y: 30, gradient: 6 });
  tf.engine().endScope();
  expect(tf.memory().numTensors).toBe(before);
});
