import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Act, Hook, HookProgram, HookStep, Stages } from '@touchstone/contract';
import { explain } from '../core/explain.js';
import { rounded, stagesOf, tensor, twoUnits } from '../core/testing.js';
import { saliency } from '../saliency/saliency.js';
import { hooks } from './hooks.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const register = (name: string, kind: Hook['kind'], at?: string, acts: Act[] = []): HookStep => ({
  do: 'register',
  hook: { name, kind, ...(at === undefined ? {} : { at }), acts },
});
const run: HookStep = { do: 'run' };

/** At (3, 1): h = (2, 7), logits (−19, 12). */
function traceOf(steps: HookStep[], program: Partial<HookProgram> = {}): Promise<Stages> {
  return stagesOf(hooks, twoUnits([1, 1, 2]), tensor([1, 1, 1, 2], [3, 1]), {
    target: { class: 0 },
    params: { program: { inputGradient: true, parameters: [], ...program, steps } },
  });
}

const names = (stages: Stages): string[] => Object.keys(stages).slice(0, -1);

it('sees values and gradients, and returns the accumulated gradients', async () => {
  const trace = await traceOf([register('f', 'forward', 'relu'), register('b', 'backward', 'relu'), run], {
    parameters: ['head.weight'],
  });
  expect(Object.fromEntries(Object.entries(trace).map(([name, stage]) => [name, rounded(stage)]))).toEqual({
    '0000 forward f relu#1 input0': [2, 7],
    '0000 forward f relu#1 output': [2, 7],
    '0001 output': [-19, 12],
    '0002 backward b relu#1 gradInput0': [1, -3],
    '0002 backward b relu#1 gradOutput0': [1, -3],
    '0003 grad x': [-5, -4],
    '0003 grad head.weight': [2, 7, 0, 0],
    attribution: [18, -7, -4, 0],
  });
});

describe('order', () => {
  it.each<{ title: string; steps: HookStep[]; events: string[] }>([
    {
      title: 'parents around children, backward in reverse',
      steps: [
        register('a', 'forward-pre', ''),
        register('b', 'forward-pre', 'relu'),
        register('c', 'forward', ''),
        register('d', 'backward', 'relu'),
        register('e', 'backward-pre', ''),
        run,
      ],
      events: ['forward-pre a', 'forward-pre b', 'forward c', 'output', 'backward-pre e', 'backward d', 'grad'],
    },
    {
      title: 'global before own, prepended first among own',
      steps: [
        register('a', 'forward', 'relu'),
        { do: 'register', hook: { name: 'b', kind: 'forward', at: 'relu', prepend: true, acts: [] } },
        register('g', 'global-forward', undefined, [{ do: 'remove', hook: 'g', on: 3 }]),
        run,
      ],
      events: ['global-forward g', 'global-forward g', 'global-forward g', 'forward b', 'forward a', 'output', 'grad'],
    },
    {
      title: 'removed inside: still fires this time; registered inside: from the next time on',
      steps: [
        register('a', 'forward', 'relu', [
          { do: 'remove', hook: 'b' },
          { do: 'register', hook: { name: 'c', kind: 'forward', at: 'relu', acts: [] }, on: 1 },
        ]),
        register('b', 'forward', 'relu'),
        run,
        run,
      ],
      events: ['forward a', 'forward b', 'output', 'grad', 'forward a', 'forward c', 'output', 'grad'],
    },
    {
      title: 'a throw ends its run only',
      steps: [register('a', 'backward', 'head', [{ do: 'throw', on: 1 }]), run, run],
      events: ['output', 'backward a', 'threw a', 'output', 'backward a', 'grad'],
    },
  ])('$title', async ({ steps, events }) => {
    const seen = new Map(
      names(await traceOf(steps)).map((name) => [
        name.slice(0, 4),
        name
          .slice(5)
          .replace(/^(grad) .*/, '$1')
          .replace(/^((?!grad|output|threw)\S+ \S+) .*/, '$1'),
      ]),
    );
    expect([...seen.values()]).toEqual(events);
  });
});

it.each([
  {
    title: 'inputs',
    hook: register('a', 'forward-pre', 'head', [{ do: 'scale', by: 2 }]),
    logits: [-38, 24],
    x: [-10, -8],
  },
  {
    title: 'the output',
    hook: register('a', 'forward', 'head', [{ do: 'scale', by: 2 }]),
    logits: [-38, 24],
    x: [-10, -8],
  },
  {
    title: 'the gradient of the output',
    hook: register('a', 'backward-pre', 'head', [{ do: 'scale', by: -1 }]),
    logits: [-19, 12],
    x: [5, 4],
  },
  {
    title: 'the gradient of the input',
    hook: register('a', 'backward', 'head', [{ do: 'scale', by: 3 }]),
    logits: [-19, 12],
    x: [-15, -12],
  },
  {
    title: 'a tensor’s gradient',
    hook: register('a', 'forward', 'relu', [
      { do: 'hook-tensor', of: 'output', hook: { name: 't', kind: 'tensor', acts: [{ do: 'scale', by: 2 }] } },
    ]),
    logits: [-19, 12],
    x: [-10, -8],
  },
])('a returned value replaces $title', async ({ hook, logits, x }) => {
  const trace = await traceOf([hook, run]);
  const value = (ending: string) =>
    rounded(Object.entries(trace).find(([name]) => name.endsWith(ending) && !name.includes('#'))![1]);
  expect([value('output'), value('grad x')]).toEqual([logits, x]);
});

it('leaves no hook and no gradient behind', async () => {
  const first = await traceOf([register('a', 'global-forward'), register('p', 'parameter', 'head.weight'), run], {
    parameters: ['head.weight'],
  });
  expect(names(first).some((name) => name.includes('global-forward'))).toBe(true);
  expect(names(await traceOf([run]))).toEqual(['0000 output', '0001 grad x']);
});

describe('every event has its name', () => {
  const of = (input: 'input' | 'output', at: string): HookStep =>
    register('f', 'forward', at, [{ do: 'hook-tensor', of: input, hook: { name: 't', kind: 'tensor', acts: [] } }]);
  const plain: Partial<HookProgram> = { inputGradient: false };

  it.each<{ title: string; steps: HookStep[]; program?: Partial<HookProgram>; trace: Record<string, number[]> }>([
    {
      title: 'no run',
      steps: [register('f', 'forward', '')],
      trace: { attribution: [] },
    },
    {
      title: 'a hook that is removed, and one that never was registered',
      steps: [
        register('f', 'forward', '', [{ do: 'register', hook: { name: 'n', kind: 'global-forward', acts: [] } }]),
        { do: 'remove', hook: 'n' },
        { do: 'remove', hook: 'f' },
        { do: 'remove', hook: 'f' },
        run,
      ],
      trace: { '0000 output': [-19, 12], '0001 grad x': [-5, -4], attribution: [-7, -9] },
    },
    {
      title: 'a gradient that there is not',
      steps: [run],
      program: { ...plain, parameters: ['head.weight'] },
      trace: {
        '0000 output': [-19, 12],
        '0001 grad x null': [0],
        '0001 grad head.weight': [2, 7, 0, 0],
        attribution: [-7, 9],
      },
    },
    {
      title: 'a tensor without a gradient is not hooked',
      steps: [of('input', 'hidden'), run],
      program: { ...plain, parameters: ['head.weight'] },
      trace: {
        '0000 forward f hidden#1 input0': [3, 1],
        '0000 forward f hidden#1 output': [2, 7],
        '0001 output': [-19, 12],
        '0002 grad x null': [0],
        '0002 grad head.weight': [2, 7, 0, 0],
        attribution: [13, -7, 9],
      },
    },
    {
      title: 'the input and a parameter as tensors',
      steps: [of('input', 'head'), register('p', 'parameter', 'head.weight'), run],
      program: { parameters: ['head.weight'] },
      trace: {
        '0000 forward f head#1 input0': [2, 7],
        '0000 forward f head#1 output': [-19, 12],
        '0001 output': [-19, 12],
        '0002 parameter p head.weight#1 grad': [2, 7, 0, 0],
        '0003 tensor t -#1 grad': [1, -3],
        '0004 grad x': [-5, -4],
        '0004 grad head.weight': [2, 7, 0, 0],
        attribution: [2, -7, 9, -2, 0],
      },
    },
    {
      title: 'pre-hooks of the whole network',
      steps: [register('f', 'forward-pre', ''), register('b', 'backward-pre', ''), run],
      trace: {
        '0000 forward-pre f .#1 input0': [3, 1],
        '0001 output': [-19, 12],
        '0002 backward-pre b .#1 gradOutput0': [1, 0],
        '0003 grad x': [-5, -4],
        attribution: [4, -7, 1, -9],
      },
    },
    {
      title: 'an error of the framework in a run',
      steps: [
        register('f', 'forward', 'head', [
          { do: 'register', hook: { name: 'n', kind: 'forward', at: 'nowhere', acts: [] } },
        ]),
        run,
      ],
      trace: {
        '0000 forward f head#1 input0': [2, 7],
        '0000 forward f head#1 output': [-19, 12],
        '0001 threw framework': [0],
        attribution: [2, 0],
      },
    },
  ])('$title', async ({ steps, program, trace }) => {
    const stages = await traceOf(steps, program);
    for (const [name, { shape }] of Object.entries(stages))
      if (/ null$| threw /.test(name)) expect(shape, name).toEqual([1]);
    expect(Object.fromEntries(Object.entries(stages).map(([name, stage]) => [name, rounded(stage)]))).toEqual(trace);
  });

  it.each<[Hook['kind'], string[]]>([
    ['global-forward-pre', ['.', 'flat', 'hidden', 'relu', 'head']],
    ['global-forward', ['flat', 'hidden', 'relu', 'head', '.']],
    ['global-backward-pre', ['.', 'head', 'relu', 'hidden', 'flat']],
    ['global-backward', ['head', 'relu', 'hidden', 'flat', '.']],
  ])('%s: of every module', async (kind, places) => {
    const found = names(await traceOf([register('g', kind), run])).filter((name) => name.includes(`${kind} g`));
    const order = found.map((name) => name.slice(5 + `${kind} g `.length, name.indexOf('#')));
    expect(order.filter((place, i) => place !== order[i - 1])).toEqual(places);
  });
});

describe('the network is as before', () => {
  const x = tensor([1, 1, 1, 2], [3, 1]);
  const twice: Act[] = [{ do: 'scale', by: 2 }];
  const doubling = [register('g', 'global-forward', undefined, twice), register('f', 'forward', 'relu', twice), run];

  it.each<{ after: string; steps: HookStep[]; error?: object }>([
    { after: 'a program', steps: doubling },
    {
      after: 'a program that fails',
      steps: [...doubling, register('n', 'forward', 'nowhere')],
      error: { code: 'unknown-name' },
    },
  ])('after $after', async ({ steps, error }) => {
    const network = twoUnits([1, 1, 2]);
    const params = { program: { inputGradient: true, parameters: ['head.weight'], steps } };
    const run = explain(hooks, { network, x, target: { class: 0 }, params, fixtures: {} });
    if (error) await expect(run).rejects.toMatchObject(error);
    else await run;
    expect(network.parameter('head.weight')).toMatchObject({ requiresGrad: false, grad: null });
    const { logits } = await explain(
      saliency,
      { network, x, target: { class: 0 }, params: {}, fixtures: {} },
      { wantLogits: true },
    );
    expect(rounded(logits!)).toEqual([-19, 12]);
    network.dispose();
  });

  it('an error that is neither a hook’s nor the framework’s ends the program', async () => {
    const network = twoUnits([1, 1, 2]);
    vi.spyOn(network, 'call').mockImplementation(() => {
      throw new Error('out of memory');
    });
    const params = { program: { steps: [run] } };
    const broken = explain(hooks, { network, x, target: { class: 0 }, params, fixtures: {} });
    await expect(broken).rejects.toThrow('out of memory');
    network.dispose();
  });
});

it.each<[string, HookStep[], string]>([
  ['a module that does not exist', [register('a', 'forward', 'rleu')], 'unknown-name'],
  ['a hook without a place', [register('a', 'forward')], 'bad-params'],
])('%s is an error', async (_title, steps, code) => {
  await expect(traceOf(steps)).rejects.toMatchObject({ code });
});
