/** A scene as a PyTorch script that runs alone, and prints each event with the sums of its values. */
import { globalKinds, hooksIn, type ContainerDescription, type Hook, type HostTensor, type NetworkDescription, type Target } from '@touchstone/contract';
import { callOf, classesOf, stepLines, type Dialect } from './print-hooks.js';
import type { HookScene } from './scene.js';

const indent = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `    ${line}`));

export function printPython({ description, weights, x, target, program }: HookScene): string {
  const globals = globalKinds.filter((kind) => hooksIn(program.steps).some(({ hook }) => hook.kind === kind)).map((kind) => registrationOf[kind]);
  const leaf = program.inputGradient ? '.requires_grad_()' : '';
  const gradients = ['x', ...program.parameters.map((name) => `network.get_parameter(${text(name)})`)].map((tensor) => `${tensor}.grad`);
  return [
    'from collections import Counter, OrderedDict',
    '',
    'import torch',
    'from torch import nn',
    'from torch.nn import functional as F',
    ...(globals.length > 0 ? [`from torch.nn.modules.module import ${globals.join(', ')}`] : []),
    '',
    'torch.set_default_dtype(torch.float64)',
    '',
    ...networkLines(description),
    'network.load_state_dict({',
    ...indent(Object.entries(weights).map(([name, tensor]) => `${text(name)}: ${tensorLine(tensor)},`)),
    '}, strict=False)  # without the counters of batch normalisation',
    'network.requires_grad_(False)',
    ...program.parameters.map((name) => `network.get_parameter(${text(name)}).requires_grad_()`),
    '',
    'path = {module: name or "." for name, module in network.named_modules()}',
    'handles, firings = {}, Counter()',
    '',
    '',
    'def show(event, *values):',
    '    print(event, *[None if value is None else value.sum().item() for value in values])',
    '',
    '',
    'def fired(name, where, *values):',
    '    firings[name] += 1',
    '    show(f"{name} {where}#{firings[name]}", *values)',
    '    return firings[name]',
    '',
    '',
    'def scaled(values, by):',
    '    return tuple(None if value is None else value * by for value in values)',
    '',
    '',
    'def remove(name):',
    '    if name in handles:',
    '        handles[name].remove()',
    '',
    '',
    'def run():',
    '    network.zero_grad(set_to_none=True)',
    `    x = ${tensorLine(x)}${leaf}`,
    '    try:',
    '        output = network(x)',
    '        show("output", output)',
    `        output.backward(${seedLine(target, x.shape[0]!)})`,
    `        show("grad", ${gradients.join(', ')})`,
    '    except RuntimeError as error:',
    '        print("threw", error)',
    '',
    '',
    ...program.steps.flatMap((step) => stepLines(step, python)),
    '',
  ].join('\n');
}

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
  parameters: { 'forward-pre': ['inputs'], forward: ['inputs', 'output'], 'backward-pre': ['grad_output'], backward: ['grad_input', 'grad_output'], tensor: ['grad'] },
  define: (hook, body) => ['', `def ${identifier(hook.name)}(${[...(callOf(hook) === 'tensor' ? [] : ['module']), ...python.parameters[callOf(hook)]].join(', ')}):  # ${hook.kind}`, ...indent(body), ''],
  show: (hook) => {
    const where = hook.kind === 'tensor' ? '"-"' : hook.kind === 'parameter' ? text(hook.at!) : 'path[module]';
    const values = python.parameters[callOf(hook)].map((name) => (name === 'output' || name === 'grad' ? name : `*${name}`));
    return `n = fired(${[text(hook.name), where, ...values].join(', ')})`;
  },
  when: (firing, body) => [`if n == ${firing}:`, ...indent(body)],
  scaled: (call, value, by) => (call === 'forward' || call === 'tensor' ? `${value} * ${by}` : `scaled(${value}, ${by})`),
  assign: (to, value) => `${to} = ${value}`,
  give: (value) => `return ${value}`,
  noReplacement: 'replacement = None',
  remove: (name) => `remove(${text(name)})`,
  raise: (name) => `raise RuntimeError(${text(name)})`,
  register: (hook) => `handles[${text(hook.name)}] = ${registration(hook)}`,
  hookTensor: (tensor, hook) => `if ${tensor}.requires_grad: handles[${text(hook.name)}] = ${tensor}.register_hook(${identifier(hook.name)})`,
  run: 'run()',
};

function registration({ name, kind, at, prepend }: Hook): string {
  if (kind === 'parameter') return `network.get_parameter(${text(at!)}).register_hook(${identifier(name)})`;
  if (at === undefined) return `${registrationOf[kind]}(${identifier(name)})`;
  return `network${at === '' ? '' : `.${at}`}.${registrationOf[kind]}(${identifier(name)}${prepend ? ', prepend=True' : ''})`;
}

/** Classes for containers that are not a plain sequence, then `network = …`, then the second names of shared modules. */
function networkLines({ modules }: NetworkDescription): string[] {
  const lines: string[] = [];
  const below = (path: string) => Object.keys(modules).filter((other) => other !== '' && parentOf(other) === path);
  const build = (path: string): string => {
    const module = modules[path]!;
    if ('attributes' in module) return `nn.${module.type}(${keywords(module.attributes)})`;
    const children = below(path).filter((child) => !('alias' in modules[child]!));
    const row = module as ContainerDescription;
    if (isSequence(path, row, below(path))) return `nn.Sequential(OrderedDict(${children.map((child) => `${lastOf(child)}=${build(child)}`).join(', ')}))`;
    const fields = children.map((child) => `self.${lastOf(child)} = ${build(child)}`);
    const name = `Network${path.split('.').map((part) => part.slice(0, 1).toUpperCase() + part.slice(1)).join('')}`;
    const calls = row.calls.map((call) => `${call.name} = ${'module' in call ? `self.${nameBelow(path, call.module, modules)}(${call.args.join(', ')})` : operation(call)}`);
    lines.push(
      `class ${name}(nn.Module):`,
      ...(fields.length > 0 ? indent(['def __init__(self):', ...indent(['super().__init__()', ...fields]), '']) : []),
      ...indent([`def forward(self, ${row.inputs.join(', ')}):`, ...indent([...calls, `return ${row.output}`])]),
      '',
      '',
    );
    return `${name}()`;
  };
  const network = build('');
  const aliases = Object.entries(modules).flatMap(([path, module]) => ('alias' in module ? [`network.${path} = network.${module.alias}`] : []));
  return [...lines, `network = ${network}.eval()`, ...aliases];
}

/** Each module below it called once, in order, on what the one before gave. */
function isSequence(path: string, { inputs, calls, output }: ContainerDescription, children: readonly string[]): boolean {
  const chained = calls.every((call, i) => 'module' in call && call.module === children[i] && call.args[0] === (i === 0 ? 'x' : calls[i - 1]!.name) && call.args.length === 1);
  return inputs.length === 1 && calls.length > 0 && calls.length === children.length && chained && output === calls.at(-1)!.name && (path === '' || children.length > 0);
}

/** As PyTorch reaches it from the container at `path`. */
function nameBelow(path: string, module: string, modules: NetworkDescription['modules']): string {
  const start = path === '' ? '' : `${path}.`;
  const names = [module, ...Object.entries(modules).flatMap(([name, row]) => ('alias' in row && row.alias === module ? [name] : []))];
  return names.find((name) => name.startsWith(start))!.slice(start.length);
}

function operation({ op, args, attributes }: { op: string; args: readonly string[]; attributes: Readonly<Record<string, unknown>> }): string {
  if (op === 'add') return args.join(' + ');
  if (op === 'cat') return `torch.cat([${args.join(', ')}], ${String(attributes['dim'])})`;
  return `${op === 'flatten' ? 'torch' : 'F'}.${op}(${[args[0]!, keywords(attributes)].join(', ')})`;
}

function keywords(attributes: Readonly<Record<string, unknown>>): string {
  const value = (given: unknown): string => (Array.isArray(given) ? `(${given.join(', ')})` : given === null ? 'None' : typeof given === 'boolean' ? (given ? 'True' : 'False') : String(given));
  return Object.entries(attributes).map(([name, given]) => `${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}=${value(given)}`).join(', ');
}

/** ∂target/∂output. */
function seedLine(target: Target, images: number): string {
  if ('weights' in target) return `torch.tensor([${target.weights.join(', ')}]).expand_as(output)`;
  return `F.one_hot(torch.tensor([${classesOf(target.class, images).join(', ')}]), output.shape[1]).to(output)`;
}

function tensorLine({ shape, data }: HostTensor): string {
  return `torch.tensor([${data.join(', ')}]).reshape(${shape.join(', ')})`;
}

function parentOf(path: string): string {
  return path.split('.').slice(0, -1).join('.');
}

function lastOf(path: string): string {
  return path.split('.').at(-1)!;
}

function identifier(name: string): string {
  return name.replaceAll('-', '_');
}

function text(name: string): string {
  return JSON.stringify(name);
}
