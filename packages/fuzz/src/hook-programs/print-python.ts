/** Prints a scene as a self-contained PyTorch script, which prints each event with the sums of its values. */
import { globalKinds, hooksIn, type Hook, type HookProgram } from '@touchstone/contract';
import { indent, pythonTensor } from '../print/python.js';
import { pythonNetwork } from '../print/pytorch-network.js';
import { callOf, classesOf, counts, stepLines, type Dialect } from './print-hooks.js';
import type { HookScene, PlainTarget } from './scene.js';

export function printPython(scene: HookScene): string {
  const steps = scene.program.steps.flatMap((step) => stepLines(step, python));
  return [
    ...setUpLines(scene),
    '',
    '',
    'def show(event, *values):',
    '    print(event, *[None if value is None else value.sum().item() for value in values])',
    ...helperLines(steps),
    '',
    '',
    ...runLines(scene),
    '',
    ...steps,
    '',
  ].join('\n');
}

/** Imports, the network with its weights, and the record of events. */
function setUpLines({ description, weights, program }: HookScene): string[] {
  const kinds = new Set(hooksIn(program.steps).map(({ hook }) => hook.kind));
  const globals = globalKinds.filter((kind) => kinds.has(kind)).map((kind) => registrationOf[kind]);
  return [
    'from collections import Counter, OrderedDict',
    '',
    'import torch',
    'from torch import nn',
    'from torch.nn import functional as F',
    ...(globals.length > 0 ? [`from torch.nn.modules.module import ${globals.join(', ')}`] : []),
    '',
    ...pythonNetwork(description, weights),
    ...parametersOf(program).map((parameter) => `${parameter}.requires_grad_()`),
    'path = {module: name or "." for name, module in network.named_modules()}',
    'handles, firings = {}, Counter()',
  ];
}

/** The functions that hooks call, as far as `steps` use them. */
function helperLines(steps: readonly string[]): string[] {
  const used = (call: string, ...lines: readonly string[]) =>
    steps.some((line) => line.includes(call)) ? ['', '', ...lines] : [];
  return [
    ...used(
      'fired(',
      'def fired(name, where, *values):',
      '    firings[name] += 1',
      '    show(f"{name} {where}#{firings[name]}", *values)',
      '    return firings[name]',
    ),
    ...used(
      'scaled(',
      'def scaled(values, by):',
      '    return tuple(None if value is None else value * by for value in values)',
    ),
    ...used('remove(', 'def remove(name):', '    if name in handles:', '        handles[name].remove()'),
  ];
}

function runLines({ x, target, program }: HookScene): string[] {
  const gradients = ['x', ...parametersOf(program)].map((leaf) => `${leaf}.grad`);
  return [
    'def run():',
    ...indent([
      'network.zero_grad(set_to_none=True)',
      `x = ${pythonTensor(x)}${program.inputGradient ? '.requires_grad_()' : ''}`,
      'try:',
      ...indent([
        'output = network(x)',
        'show("output", output)',
        `output.backward(${seedLine(target, x.shape[0]!)})`,
        `show("grad", ${gradients.join(', ')})`,
      ]),
      'except RuntimeError as error:',
      '    print("threw", *str(error).splitlines()[:1])',
    ]),
  ];
}

const parametersOf = ({ parameters }: HookProgram): string[] =>
  parameters.map((name) => `network.get_parameter(${text(name)})`);

const registrationOf: Readonly<Record<string, string>> = {
  'forward-pre': 'register_forward_pre_hook',
  forward: 'register_forward_hook',
  'backward-pre': 'register_full_backward_pre_hook',
  backward: 'register_full_backward_hook',
  'global-forward-pre': 'register_module_forward_pre_hook',
  'global-forward': 'register_module_forward_hook',
  'global-backward-pre': 'register_module_full_backward_pre_hook',
  'global-backward': 'register_module_full_backward_hook',
};

const python: Dialect = {
  parameters: {
    'forward-pre': ['inputs'],
    forward: ['inputs', 'output'],
    'backward-pre': ['grad_output'],
    backward: ['grad_input', 'grad_output'],
    tensor: ['grad'],
  },
  define: (hook, body) => {
    const call = callOf(hook);
    const parameters = [...(call === 'tensor' ? [] : ['module']), ...python.parameters[call]];
    return ['', `def ${identifier(hook.name)}(${parameters.join(', ')}):  # ${hook.kind}`, ...indent(body), ''];
  },
  show: (hook) => {
    const where = hook.kind === 'tensor' ? '"-"' : hook.kind === 'parameter' ? text(hook.at!) : 'path[module]';
    const values = python.parameters[callOf(hook)].map((name) =>
      name === 'output' || name === 'grad' ? name : `*${name}`,
    );
    return `${counts(hook) ? 'firing = ' : ''}fired(${[text(hook.name), where, ...values].join(', ')})`;
  },
  when: (firing, body) => [`if firing == ${firing}:`, ...indent(body)],
  scaled: (call, value, by) => {
    if (call === 'forward') return `${value} * ${by}`;
    return call === 'tensor' ? `None if ${value} is None else ${value} * ${by}` : `scaled(${value}, ${by})`;
  },
  assign: (to, value) => `${to} = ${value}`,
  give: (value) => `return ${value}`,
  noReplacement: 'replacement = None',
  remove: (name) => `remove(${text(name)})`,
  raise: (name) => `raise RuntimeError(${text(name)})`,
  register: (hook) => `handles[${text(hook.name)}] = ${registration(hook)}`,
  hookTensor: (tensor, hook) =>
    `if ${tensor}.requires_grad: handles[${text(hook.name)}] = ${tensor}.register_hook(${identifier(hook.name)})`,
  run: 'run()',
};

function registration({ name, kind, at, prepend }: Hook): string {
  if (kind === 'parameter') return `network.get_parameter(${text(at!)}).register_hook(${identifier(name)})`;
  if (at === undefined) return `${registrationOf[kind]}(${identifier(name)})`;
  const module = at === '' ? 'network' : `network.${at}`;
  return `${module}.${registrationOf[kind]}(${identifier(name)}${prepend ? ', prepend=True' : ''})`;
}

/** ∂target/∂output. */
function seedLine(target: PlainTarget, images: number): string {
  if ('weights' in target) return `torch.tensor([${target.weights.join(', ')}]).expand_as(output)`;
  return `F.one_hot(torch.tensor([${classesOf(target.class, images).join(', ')}]), output.shape[1]).to(output)`;
}

function identifier(name: string): string {
  return name.replaceAll('-', '_');
}

function text(name: string): string {
  return JSON.stringify(name);
}
