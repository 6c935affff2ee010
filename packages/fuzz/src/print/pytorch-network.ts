/**
 * Prints a network as PyTorch code: `nn.Sequential` where possible, else a class per container; where it has other
 * functions than layers have, as its description.
 */
import type { ContainerDescription, HostTensor, NetworkDescription, StepCall } from '@touchstone/contract';
import { indent, isIdentifier, pythonLiteral, pythonTensor } from './python.js';

type Modules = NetworkDescription['modules'];

/** In float64; after `import torch`, `nn` and `F`. */
export function pythonNetwork(
  description: NetworkDescription,
  weights: Readonly<Record<string, HostTensor>>,
): string[] {
  if (!isPrintable(description)) return describedNetwork(description, weights);
  const network = moduleLines(description);
  return [
    'torch.set_default_dtype(torch.float64)',
    ...(network[0]!.startsWith('class ') ? ['', ''] : ['']),
    ...network,
    'network.requires_grad_(False)',
    'network.load_state_dict({',
    ...weightLines(weights),
    '}, strict=False)  # without the counters of batch normalisation',
  ];
}

const weightLines = (weights: Readonly<Record<string, HostTensor>>): string[] =>
  indent(Object.entries(weights).map(([name, tensor]) => `${JSON.stringify(name)}: ${pythonTensor(tensor)},`));

const printable = new Set([
  'relu',
  'relu6',
  'max_pool2d',
  'avg_pool2d',
  'adaptive_avg_pool2d',
  'flatten',
  'add',
  'cat',
]);

function isPrintable({ modules }: NetworkDescription): boolean {
  return Object.values(modules).every(
    (row) =>
      !('calls' in row) || row.calls.every((call) => 'args' in call && (!('op' in call) || printable.has(call.op))),
  );
}

function describedNetwork(description: NetworkDescription, weights: Readonly<Record<string, HostTensor>>): string[] {
  return [
    'from touchstone.network.load import build_network',
    '',
    'torch.set_default_dtype(torch.float64)',
    `description = ${pythonLiteral(description)}`,
    'weights = {',
    ...weightLines(weights),
    '}',
    'network = build_network(description, weights, "weights", torch.float64).requires_grad_(False)',
  ];
}

/** Ends with `network = …` and the second names of shared modules. */
function moduleLines({ modules }: NetworkDescription): string[] {
  const classes: string[] = [];
  const [first, ...rest] = construction('', modules, classes) as [string, ...string[]];
  const aliases = Object.entries(modules).flatMap(([path, module]) =>
    'alias' in module ? [settled('network', path, below('network', module.alias))] : [],
  );
  return [...classes, `network = ${first}`, ...rest, 'network.eval()', ...aliases];
}

/** The expression that makes the module; the classes that it needs are appended to `classes`. */
function construction(path: string, modules: Modules, classes: string[]): string[] {
  const row = modules[path]!;
  if ('attributes' in row) return [`nn.${row.type}(${keywords(row.attributes, row.type)})`];
  const container = row as ContainerDescription;
  const children = Object.keys(modules).filter((other) => other !== '' && parentOf(other) === path);
  if (isSequence(container, children)) {
    const named = children.every((child) => isIdentifier(lastOf(child)));
    const [before, after] = named ? ['', ','] : ['(', '),'];
    const items = children.flatMap((child) => {
      const name = named ? `${lastOf(child)}=` : `${JSON.stringify(lastOf(child))}, `;
      return suffixed(prefixed(`${before}${name}`, construction(child, modules, classes)), after);
    });
    const [open, close] = named ? ['', ''] : ['[', ']'];
    return [`nn.Sequential(OrderedDict(${open}`, ...indent(items), `${close}))`];
  }
  const name = ['Network', ...path.split('.').map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))].join('');
  const fields = children
    .filter((child) => !('alias' in modules[child]!))
    .flatMap((child) => {
      const made = construction(child, modules, classes);
      if (isIdentifier(lastOf(child))) return prefixed(`self.${lastOf(child)} = `, made);
      return suffixed(prefixed(`self.add_module(${JSON.stringify(lastOf(child))}, `, made), ')');
    });
  const calls = (container.calls as StepCall[]).map((call) => {
    const args = call.args.map(variable);
    const value =
      'module' in call
        ? `${below('self', nameBelow(path, call.module, modules))}(${args.join(', ')})`
        : operation({ ...call, args });
    return `${variable(call.name)} = ${value}`;
  });
  classes.push(
    `class ${name}(nn.Module):`,
    ...(fields.length > 0 ? indent(['def __init__(self):', ...indent(['super().__init__()', ...fields]), '']) : []),
    ...indent([
      `def forward(self, ${container.inputs.map(variable).join(', ')}):`,
      ...indent([...calls, `return ${variable(container.output)}`]),
    ]),
    '',
    '',
  );
  return [`${name}()`];
}

/** The name of a call's value. */
function variable(name: string): string {
  return isIdentifier(name) ? name : `v${name.replaceAll(/\W/g, '_')}`;
}

/** The module at `path` below a module. */
function below(module: string, path: string): string {
  if (path.split('.').every(isIdentifier)) return `${module}.${path}`;
  return `${module}.get_submodule(${JSON.stringify(path)})`;
}

/** Gives a module that exists another name, `path` below `module`. */
function settled(module: string, path: string, made: string): string {
  const parent = parentOf(path) === '' ? module : below(module, parentOf(path));
  if (isIdentifier(lastOf(path))) return `${parent}.${lastOf(path)} = ${made}`;
  return `${parent}.add_module(${JSON.stringify(lastOf(path))}, ${made})`;
}

/** Each child is called once, in order, on the output of the one before. */
function isSequence({ inputs, calls, output }: ContainerDescription, children: readonly string[]): boolean {
  const previous = (i: number) => (i === 0 ? inputs[0] : calls[i - 1]!.name);
  const chained = calls.every(
    (call, i) => 'module' in call && call.module === children[i] && call.args.join() === previous(i),
  );
  return (
    inputs.length === 1 &&
    calls.length > 0 &&
    calls.length === children.length &&
    chained &&
    output === calls.at(-1)!.name
  );
}

/** The module's name in PyTorch, relative to the container at `path`. */
function nameBelow(path: string, module: string, modules: Modules): string {
  const start = path === '' ? '' : `${path}.`;
  const names = [
    module,
    ...Object.entries(modules).flatMap(([name, row]) => ('alias' in row && row.alias === module ? [name] : [])),
  ];
  return names.find((name) => name.startsWith(start))!.slice(start.length);
}

function operation({
  op,
  args,
  attributes,
}: {
  op: string;
  args: readonly string[];
  attributes: Readonly<Record<string, unknown>>;
}): string {
  if (op === 'add') return args.join(' + ');
  if (op === 'cat') return `torch.cat([${args.join(', ')}], ${String(attributes['dim'])})`;
  const given = [args[0]!, keywords(attributes, op)].filter((text) => text !== '');
  return `${op === 'flatten' ? 'torch' : 'F'}.${op}(${given.join(', ')})`;
}

/** PyTorch's defaults. */
const defaults: Readonly<Record<string, unknown>> = {
  padding: [0, 0],
  dilation: [1, 1],
  groups: 1,
  bias: true,
  affine: true,
  inplace: false,
  ceilMode: false,
  countIncludePad: true,
  divisorOverride: null,
};
const defaultsOf: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Conv2d: { stride: [1, 1] },
  Flatten: { startDim: 1, endDim: -1 },
  Dropout: { p: 0.5 },
};

function keywords(attributes: Readonly<Record<string, unknown>>, of: string): string {
  const usual: Readonly<Record<string, unknown>> = { ...defaults, ...defaultsOf[of] };
  const value = (given: unknown): string => {
    if (Array.isArray(given))
      return given.length === 2 && given[0] !== null && given[0] === given[1]
        ? value(given[0])
        : `(${given.map(value).join(', ')})`;
    return pythonLiteral(given);
  };
  return Object.entries(attributes)
    .filter(([name, given]) => !(name in usual && JSON.stringify(usual[name]) === JSON.stringify(given)))
    .map(([name, given]) => `${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}=${value(given)}`)
    .join(', ');
}

function prefixed(prefix: string, [first, ...rest]: readonly string[]): string[] {
  return [`${prefix}${first}`, ...rest];
}

function suffixed(lines: readonly string[], suffix: string): string[] {
  return [...lines.slice(0, -1), `${lines.at(-1)}${suffix}`];
}

function parentOf(path: string): string {
  return path.split('.').slice(0, -1).join('.');
}

function lastOf(path: string): string {
  return path.split('.').at(-1)!;
}
