import { describe, expect, test } from 'vitest';
import { HookProgram, type Act, type Hook } from './hook-program.js';
import { parse } from '../parse.js';

const hook = (name: string, ...acts: Act[]): Hook => ({ name, kind: 'forward', at: 'body', acts });
const program = (...hooks: Hook[]) => ({
  parameters: ['0.weight'],
  steps: [...hooks.map((each) => ({ do: 'register', hook: each })), { do: 'run' }],
});
const nested = (depth: number): Hook =>
  hook(`h${depth}`, ...(depth > 1 ? [{ do: 'register', hook: nested(depth - 1) } as const] : []));

test('defaults: x requires a gradient, parameters do not', () => {
  expect(parse(HookProgram, { steps: [] }, 'program')).toEqual({ inputGradient: true, parameters: [], steps: [] });
});

test('every kind and act of docs/hook-programs.md', () => {
  const all = program(
    hook('a', { do: 'scale', by: 2, on: 1 }, { do: 'remove', hook: 'a' }, { do: 'throw' }),
    hook(
      'b',
      { do: 'register', hook: { name: 'c', kind: 'parameter', at: '0.weight', acts: [] } },
      { do: 'hook-tensor', of: 'output', hook: { name: 't', kind: 'tensor', acts: [] } },
    ),
    {
      name: 'd',
      kind: 'global-forward-pre',
      acts: [{ do: 'hook-tensor', of: 'input', hook: { name: 'u', kind: 'tensor', acts: [] } }],
    },
    { name: 'e', kind: 'backward', at: '', prepend: true, acts: [] },
    {
      name: 'f',
      kind: 'forward-pre',
      at: 'body',
      acts: [{ do: 'hook-tensor', of: 'input', hook: { name: 'v', kind: 'tensor', acts: [] } }],
    },
    {
      name: 'g',
      kind: 'global-forward',
      acts: [
        { do: 'hook-tensor', of: 'input', hook: { name: 'w', kind: 'tensor', acts: [] } },
        { do: 'hook-tensor', of: 'output', hook: { name: 'x', kind: 'tensor', acts: [] } },
      ],
    },
    nested(4),
  );
  expect(parse(HookProgram, all, 'program')).toMatchObject(all);
});

test('50 hooks are taken', () => {
  const most = program(...Array.from({ length: 50 }, (_, i) => hook(`h${i}`)));
  expect(parse(HookProgram, most, 'program')).toMatchObject(most);
});

describe('what is wrong is named', () => {
  const tensor: Hook = { name: 't', kind: 'tensor', acts: [] };
  test.each([
    ['a name used twice', program(hook('a'), hook('a')), /"steps\[1\]\.hook\.name": the name "a" is given twice/],
    [
      'a name used again in an act',
      program(hook('a', { do: 'register', hook: hook('a') })),
      /"steps\[0\]\.hook\.acts\[0\]\.hook\.name": the name "a" is given twice/,
    ],
    ['a parameter twice', { ...program(), parameters: ['a', 'a'] }, /"parameters": a parameter is given twice/],
    [
      'the removal of nothing, by a step',
      { steps: [{ do: 'remove', hook: 'z' }] },
      /"steps\[0\]\.hook": no hook .* "z"/,
    ],
    [
      'the removal of nothing',
      program(hook('a', { do: 'remove', hook: 'z' })),
      /"steps\[0\]\.hook\.acts\[0\]\.hook": no hook .* "z"/,
    ],
    [
      'a parameter that takes no gradient',
      program({ name: 'p', kind: 'parameter', at: '1.weight', acts: [] }),
      /"steps\[0\]\.hook\.at": "1\.weight" is not in/,
    ],
    ['a tensor hook alone', program(tensor), /"steps\[0\]\.hook\.kind": kind "tensor" is for/],
    [
      'a parameter hook without its parameter',
      program({ name: 'p', kind: 'parameter', acts: [] }),
      /: "steps\[0\]\.hook\.at": a hook of kind "parameter" needs "at"$/,
    ],
    [
      'another hook on a tensor',
      program(hook('a', { do: 'hook-tensor', of: 'output', hook: hook('b') })),
      /kind "tensor" is for/,
    ],
    ['a module hook without its module', program({ name: 'a', kind: 'forward', acts: [] }), /\.at": .*needs "at"/],
    [
      'a global hook at a module',
      program({ name: 'a', kind: 'global-forward', at: 'body', acts: [] }),
      /\.at": .*has no "at"/,
    ],
    ['a global hook prepended', program({ name: 'a', kind: 'global-forward', prepend: true, acts: [] }), /\.prepend"/],
    [
      'the output before forward',
      program({ name: 'a', kind: 'forward-pre', at: '', acts: [{ do: 'hook-tensor', of: 'output', hook: tensor }] }),
      /"steps\[0\]\.hook\.acts\[0\]\.of": a hook of kind "forward-pre" has no output to hook/,
    ],
    [
      'a tensor of a backward hook',
      program({ name: 'a', kind: 'backward', at: '', acts: [{ do: 'hook-tensor', of: 'input', hook: tensor }] }),
      /has no input to hook/,
    ],
    ['five deep', program(nested(5)), /can be nested 4 deep/],
    ['too many steps', { steps: Array.from({ length: 201 }, () => ({ do: 'run' })) }, /"steps"/],
    [
      'too many hooks',
      program(...Array.from({ length: 51 }, (_, i) => hook(`h${i}`))),
      /"steps": 51 hooks, at most 50/,
    ],
    ['an unknown field', { steps: [{ do: 'run', twice: true }] }, /"steps\[0\]".*twice/],
  ])('%s', (_, value, says) => {
    expect(() => parse(HookProgram, value, 'program')).toThrow(says);
  });
});
