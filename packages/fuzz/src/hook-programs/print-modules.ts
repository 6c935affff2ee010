/** Prints a network's module tree as PyTorch code: `nn.Sequential` where possible, else a class per container. */
import type { ContainerDescription, NetworkDescription } from '@touchstone/contract';

type Modules = NetworkDescription['modules'];

export const indent = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `    ${line}`));

/** Ends with `network = …` and the second names of shared modules. */
export function moduleLines({ modules }: NetworkDescription): string[] {
  const classes: string[] = [];
  const [first, ...rest] = construction('', modules, classes) as [string, ...string[]];
  const aliases = Object.entries(modules).flatMap(([path, module]) =>
    'alias' in module ? [`network.${path} = network.${module.alias}`] : [],
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
    const items = children.flatMap((child) =>
      suffixed(prefixed(`${lastOf(child)}=`, construction(child, modules, classes)), ','),
    );
    return ['nn.Sequential(OrderedDict(', ...indent(items), '))'];
  }
  const name = ['Network', ...path.split('.').map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))].join('');
  const fields = children
    .filter((child) => !('alias' in modules[child]!))
    .flatMap((child) => prefixed(`self.${lastOf(child)} = `, construction(child, modules, classes)));
  const calls = container.calls.map((call) => {
    if (!('module' in call)) return `${call.name} = ${operation(call)}`;
    return `${call.name} = self.${nameBelow(path, call.module, modules)}(${call.args.join(', ')})`;
  });
  classes.push(
    `class ${name}(nn.Module):`,
    ...(fields.length > 0 ? indent(['def __init__(self):', ...indent(['super().__init__()', ...fields]), '']) : []),
    ...indent([
      `def forward(self, ${container.inputs.join(', ')}):`,
      ...indent([...calls, `return ${container.output}`]),
    ]),
    '',
    '',
  );
  return [`${name}()`];
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
    return given === null ? 'None' : given === true ? 'True' : given === false ? 'False' : String(given);
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
