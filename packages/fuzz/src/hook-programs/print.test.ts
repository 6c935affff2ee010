import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HookProgram } from '@touchstone/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printPython } from './print-python.js';
import { printTypeScript } from './print-typescript.js';
import { hookScenes, type HookScene } from './scene.js';

const program: HookProgram = {
  inputGradient: true,
  parameters: ['block.conv.weight'],
  steps: [
    {
      do: 'register',
      hook: {
        name: 'a',
        kind: 'forward',
        at: 'block',
        prepend: true,
        acts: [
          { do: 'scale', by: 2, on: 1 },
          { do: 'hook-tensor', of: 'output', hook: { name: 'b', kind: 'tensor', acts: [{ do: 'scale', by: -1 }] } },
          { do: 'register', on: 2, hook: { name: 'c', kind: 'global-backward', acts: [{ do: 'throw' }] } },
        ],
      },
    },
    {
      do: 'register',
      hook: { name: 'd', kind: 'parameter', at: 'block.conv.weight', acts: [{ do: 'remove', hook: 'a' }] },
    },
    { do: 'register', hook: { name: 'e', kind: 'backward-pre', at: '', acts: [{ do: 'scale', by: 0.5 }] } },
    { do: 'run' },
    { do: 'remove', hook: 'e' },
    { do: 'run' },
  ],
};
const scene: HookScene = {
  description: {
    format: 'touchstone-network',
    version: 1,
    name: 'small',
    why: 'for the test',
    input: { shape: [1, 2, 2] },
    modules: {
      '': {
        type: 'Small',
        inputs: ['x'],
        calls: [
          { name: 'block', module: 'block', args: ['x'] },
          { name: 'flatten', module: 'flatten', args: ['block'] },
        ],
        output: 'flatten',
      },
      block: {
        type: 'Block',
        inputs: ['x'],
        calls: [
          { name: 'conv', module: 'block.conv', args: ['x'] },
          { name: 'again', module: 'block.conv', args: ['conv'] },
          { name: 'sum', op: 'add', args: ['again', 'x'], attributes: {} },
          { name: 'relu', op: 'relu', args: ['sum'], attributes: { inplace: true } },
        ],
        output: 'relu',
      },
      'block.conv': {
        type: 'Conv2d',
        attributes: {
          inChannels: 1,
          outChannels: 1,
          kernelSize: [1, 1],
          stride: [1, 1],
          padding: [0, 0],
          dilation: [1, 1],
          groups: 1,
          bias: false,
        },
      },
      'block.second': { alias: 'block.conv' },
      flatten: { type: 'Flatten', attributes: { startDim: 1, endDim: -1 } },
    },
  },
  weights: { 'block.conv.weight': { shape: [1, 1, 1, 1], data: Float32Array.of(0.5) } },
  x: { shape: [1, 1, 2, 2], data: Float32Array.of(1, -2, 3, 0.25) },
  target: { class: 3 },
  program,
};

test('as PyTorch', () => {
  expect(printPython(scene)).toMatchSnapshot();
});

test('as TypeScript', () => {
  expect(printTypeScript(scene)).toMatchSnapshot();
});

test('a chain of modules is a sequence', () => {
  const { '': root, flatten } = scene.description.modules;
  const chain = { ...root!, calls: [{ name: 'flatten', module: 'flatten', args: ['x'] }] } as typeof root;
  const printed = printPython({
    ...scene,
    program: { ...program, parameters: [], steps: [] },
    description: { ...scene.description, modules: { '': chain!, flatten: flatten! } },
  });
  expect(printed).toContain('network = nn.Sequential(OrderedDict(\n    flatten=nn.Flatten(),\n))\n');
  expect(printed).not.toContain('class ');
});

const python = ['python3', 'python'].find((command) => spawnSync(command, ['--version']).status === 0);

describe.skipIf(python === undefined)('what is printed is Python', () => {
  test('100 random scenes compile', () => {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-print-'));
    try {
      const files = fc.sample(hookScenes, { seed: 9, numRuns: 100 }).map((random, i) => {
        const file = join(folder, `scene${i}.py`);
        writeFileSync(file, printPython(random));
        return file;
      });
      const { status, stderr } = spawnSync(python!, ['-m', 'py_compile', ...files], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
