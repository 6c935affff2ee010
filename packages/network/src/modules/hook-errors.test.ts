/** Faults in hooks: each error names the hook, its module, and both shapes; afterwards everything works. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backward, grad } from '../autograd/backward.js';
import { add } from '../functional/functional.js';
import type { RemovableHandle } from '../autograd/hooks.js';
import { loadNetwork, type Network } from './network.js';
import { chain, description, integers, leaf, start, values } from '../testing.js';
import { Variable } from '../autograd/variable.js';

let network: Network;

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

/** [1,2,2,2] → body.conv [1,2,2,3] → body.relu → flatten → head [1,2] */
beforeEach(() => {
  const host = (shape: number[]) => ({ shape, data: integers(shape).dataSync<'float32'>() });
  const body = {
    type: 'Sequential',
    inputs: ['a'],
    calls: [
      { name: 'b', module: 'body.conv', args: ['a'] },
      { name: 'c', module: 'body.relu', args: ['b'] },
    ],
    output: 'c',
  };
  const { '': root } = chain({ body: leaf.identity, flatten: leaf.flatten, head: leaf.identity });
  network = loadNetwork(
    description({
      '': root!,
      body,
      'body.conv': leaf.conv(2, 3),
      'body.relu': leaf.relu,
      flatten: leaf.flatten,
      head: leaf.linear(12, 2),
    }),
    {
      'body.conv.weight': host([3, 2, 1, 1]),
      'body.conv.bias': host([3]),
      'head.weight': host([2, 12]),
      'head.bias': host([2]),
    },
  );
});

/** y and dy₀/dx. */
function run(): number[] {
  return tf.tidy(() => {
    const x = start(integers([1, 2, 2, 2]));
    const y = network.call(x);
    backward(y, tf.tensor2d([[1, 0]]));
    return [...values(y.value), ...values(x.grad!)];
  });
}

const at = (path: string) => network.module(path);
/** Deliberately not a type that a hook may have. */
const wrong = (value: unknown): never => value as never;
const zeros = (...shape: number[]): tf.Tensor => tf.zeros(shape);
const variable = (...shape: number[]): Variable => Variable.leaf(zeros(...shape));
const onOutput = (path: string, hook: (gradient: tf.Tensor) => tf.Tensor): RemovableHandle =>
  at(path).registerForwardHook((_module, _inputs, output) => void output.registerHook(hook));

const expected = 'expected nothing, or a gradient: a tensor of shape';

describe('a hook that returns', () => {
  it.each<[what: string, register: () => RemovableHandle, message: string, code?: string]>([
    [
      'a tensor for a Variable, before forward',
      () => at('body').registerForwardPreHook((_m, [x]) => wrong(x!.value)),
      'a forward-pre hook of "body" (Sequential) returned a tensor of shape [1,2,2,2]; expected nothing, or a Variable',
    ],
    [
      'too many inputs',
      () => at('body.conv').registerForwardPreHook((_m, [x]) => [x!, x!]),
      'a forward-pre hook of "body.conv" (Conv2d) returned an array of 2; expected nothing, or a Variable',
    ],
    [
      'no inputs',
      () => at('').registerForwardPreHook(() => []),
      'a forward-pre hook of the network (Sequential) returned an array of 0; expected nothing, or a Variable',
    ],
    [
      'an array of tensors',
      () => at('body.relu').registerForwardPreHook((_m, [x]) => wrong([x!.value])),
      'a forward-pre hook of "body.relu" (ReLU) returned a tensor of shape [1,3,2,2]; expected nothing, or a Variable',
    ],
    [
      'a tensor for a Variable, after forward',
      () =>
        at('head').registerForwardHook(function double(_m, _i, y) {
          return wrong(y.value);
        }),
      'a forward hook "double" of "head" (Linear) returned a tensor of shape [1,2]; expected nothing, or a Variable',
    ],
    [
      'null',
      () => at('head').registerForwardHook(() => wrong(null)),
      'a forward hook of "head" (Linear) returned null; expected nothing, or a Variable',
    ],
    [
      'a Promise',
      () => at('head').registerForwardHook(() => wrong(Promise.resolve())),
      'a forward hook of "head" (Linear) returned a Promise; expected nothing, or a Variable',
    ],
    [
      'an input of a wrong shape: who receives it',
      () => at('body').registerForwardPreHook(() => variable(1, 2, 2, 5)),
      '"body.conv": Error in conv2d: depth of input (5) must match input depth for filter 2.',
      'bad-input',
    ],
    [
      'an output of a wrong shape: who receives it',
      () => at('body.relu').registerForwardHook(() => variable(1, 2, 2, 5)),
      '"head": a linear layer does not take [1,20] and [2,12]',
      'bad-input',
    ],
    [
      'a gradient of a wrong shape, before backward',
      () => at('body').registerFullBackwardPreHook(() => [zeros(1, 2, 2, 7)]),
      `a full backward pre hook of "body" (Sequential) returned a tensor of shape [1,7,2,2]; ${expected} [1,3,2,2]`,
    ],
    [
      'a gradient of a wrong shape',
      () =>
        at('body.conv').registerFullBackwardHook(function cut() {
          return [zeros(2)];
        }),
      `a full backward hook "cut" of "body.conv" (Conv2d) returned a tensor of shape [2]; ${expected} [1,2,2,2]`,
    ],
    [
      'a gradient that is none',
      () => at('body.conv').registerFullBackwardHook(() => wrong([3])),
      `a full backward hook of "body.conv" (Conv2d) returned a value of type number; ${expected} [1,2,2,2]`,
    ],
    [
      'a gradient without an array',
      () => at('body.conv').registerFullBackwardHook((_m, [g]) => wrong(g)),
      'a full backward hook of "body.conv" (Conv2d) returned a tensor of shape [1,2,2,2]; ' +
        'expected nothing, or an array of 1 gradient',
    ],
    [
      'a wrong shape, on a tensor',
      () => onOutput('body.conv', () => zeros(1, 3, 2, 2)),
      'a tensor hook on the output of conv2d in "body.conv" returned a tensor of shape [1,2,3,2]; ' +
        `${expected} [1,3,2,2]`,
    ],
    [
      'one number, which TF.js would broadcast, on a tensor',
      () =>
        onOutput('body.relu', function mean() {
          return zeros(1);
        }),
      `a tensor hook "mean" on the output of relu in "body.relu" returned a tensor of shape [1]; ${expected} [1,3,2,2]`,
    ],
    [
      'a wrong shape, on a weight',
      () => network.parameter('body.conv.weight').registerHook(() => zeros(3, 2)),
      `a tensor hook on the parameter "body.conv.weight" returned a tensor of shape [3,2]; ${expected} [3,2,1,1]`,
    ],
    [
      'a Variable, on a tensor',
      () => onOutput('head', () => wrong(variable(1, 2))),
      `a tensor hook on the output of addmm in "head" returned a Variable of shape [1,2]; ${expected} [1,2]`,
    ],
  ])('%s', (_what, register, message, code = 'usage') => {
    const before = run();
    const kept = tf.memory().numTensors;
    const handle = register();
    expect(run).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) as string }));
    handle.remove();
    network.parameter('body.conv.weight').requiresGrad = false;
    expect(run()).toEqual(before);
    // The requested weight is the network's.
    expect(tf.memory().numTensors - kept).toBeLessThanOrEqual(1);
  });
});

describe('what a hook may do', () => {
  it('keep the gradients that it sees', () => {
    const kept: (tf.Tensor | null)[] = [];
    at('body.conv').registerFullBackwardPreHook((_m, [R]) => void kept.push(R!));
    at('body.conv').registerFullBackwardHook((_m, [ofX], [R]) => void kept.push(ofX!, R!));
    const x = start(integers([1, 2, 2, 2]));
    backward(network.call(x), tf.tensor2d([[1, 0]]));
    expect(kept.map((gradient) => gradient!.isDisposed)).toEqual([false, false, false]);
    expect(values(kept[1]!)).toEqual(values(x.grad!));
    expect(values(kept[0]!)).toEqual(values(kept[2]!));
  });

  it('return the same tensor every time', () => {
    const mask = zeros(1, 2, 2, 2);
    at('body.conv').registerFullBackwardHook(() => [mask]);
    const first = run();
    expect(run()).toEqual(first);
    expect(mask.isDisposed).toBe(false);
  });

  it('return null for a gradient: none is passed on', () => {
    at('body.conv').registerFullBackwardHook(() => [null]);
    const x = start(integers([1, 2, 2, 2]));
    backward(network.call(x), tf.tensor2d([[1, 0]]));
    expect(x.grad).toBeNull();
  });
});

describe('where a hook cannot be registered', () => {
  it.each([
    ['body.con', 'unknown module "body.con"', /^Did you mean "body\.conv"\?/],
    ['boddy', 'unknown module "boddy"', /^Did you mean "body"\?/],
    ['features.0', 'unknown module "features.0"', /body\.conv/],
  ])('module %s: the nearest paths', (path, message, hint) => {
    expect(() => at(path).registerForwardHook(() => undefined)).toThrow(
      expect.objectContaining({ code: 'unknown-name', message, hint: expect.stringMatching(hint) as string }),
    );
  });

  it('weight: the nearest names', () => {
    expect(() => network.parameter('body.conv.weigth')).toThrow(
      expect.objectContaining({
        code: 'unknown-name',
        hint: expect.stringMatching(/^Did you mean "body\.conv\.weight"\?/) as string,
      }),
    );
  });

  it('a tensor without a gradient', () => {
    expect(() => network.call(variable(1, 2, 2, 2)).registerHook(() => undefined)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: 'cannot register a hook on a tensor that does not require a gradient',
      }),
    );
  });

  it('gradients of a module whose inputs require none', () => {
    network.parameter('body.conv.bias').requiresGrad = true;
    at('body.conv').registerFullBackwardHook(function replace() {
      return [zeros(1, 2, 2, 2)];
    });
    const y = network.call(variable(1, 2, 2, 2));
    expect(() => backward(y, tf.tensor2d([[1, 0]]))).toThrow(
      'a full backward hook "replace" of "body.conv" (Conv2d) returned gradients, ' +
        'but no input of the module requires one',
    );
  });
});

it.each([backward, (y: Variable, seed: tf.Tensor) => grad(y, seed, [y])])(
  'the gradient of the output has its shape',
  (take) => {
    const x = start(integers([1, 2, 2, 2]));
    expect(() => take(network.call(x), zeros(1, 3))).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: 'the gradient of the output is of shape [1,3], the output of shape [1,2]',
      }),
    );
    expect(() => take(add(x, x), zeros(1))).toThrow('the output of shape [1,2,2,2]');
  },
);
