/**
 * `network.json` → a description that can be run: every name resolves, every attribute is known, no container calls
 * itself, a pass has bounds.
 */
import {
  leafAttributes,
  NetworkDescription,
  opAttributes,
  parse,
  TouchstoneError,
  type ContainerDescription,
  type LeafType,
  type OpName,
  type StepCall,
} from '@touchstone/contract';
import { checkBounds } from './bounds.js';
import { checkOutputs } from './check-outputs.js';
import { weightShapes } from './leaves.js';
import { opRow } from './ops/ops.js';
import { resolve } from './resolve.js';

const maxModules = 10_000;
const maxCalls = 100_000;
const maxDepth = 200;

/**
 * @param label the file or folder, for errors
 * @throws `bad-network` with the field at fault; `unsupported` naming module and operation
 */
export function parseNetwork(json: unknown, label: string): NetworkDescription {
  const description = parse(NetworkDescription, json, label, 'bad-network');
  const paths = Object.keys(description.modules);
  const bad = (message: string) =>
    new TouchstoneError(
      'bad-network',
      `${label}: ${message}`,
      'Export the network again with touchstone.export_network.',
    );
  const heads = description.heads?.map(({ name }) => name) ?? [];
  if (new Set(heads).size < heads.length) throw bad(`heads: a name is given twice: ${heads.join(', ')}`);
  if (paths.length > maxModules) throw bad(`${paths.length} modules, at most ${maxModules} are read`);
  const root = description.modules[''];
  if (!root || !('calls' in root)) throw bad('modules[""], the network itself, is missing or not a container');

  for (const [path, module] of Object.entries(description.modules)) {
    if ('alias' in module) {
      const target = Object.hasOwn(description.modules, module.alias) ? description.modules[module.alias] : undefined;
      if (!target || 'alias' in target) throw bad(`"${path}" is an alias of "${module.alias}", which is not a module`);
    } else if (!('calls' in module)) {
      const schema = Object.hasOwn(leafAttributes, module.type) ? leafAttributes[module.type as LeafType] : undefined;
      if (!schema) throw unsupported(label, path, module.type, Object.keys(leafAttributes));
      parse(schema, module.attributes, `${label}: attributes of "${path}" (${module.type})`, 'bad-network');
      if (padsTooMuch(module.type, module.attributes)) throw bad(`"${path}" (${module.type}) ${tooMuchPadding}`);
    }
  }
  const weights = weightShapes(description);
  let calls = 0;
  for (const [path, module] of Object.entries(description.modules)) {
    if (!('calls' in module)) continue;
    calls += module.calls.length;
    checkContainer(path, module, { description, weights, bad, label });
  }
  if (calls > maxCalls) throw bad(`${calls} calls, at most ${maxCalls} are read`);
  if (root.inputs.length > 1) throw bad(`modules[""], the network itself, has ${root.inputs.length} inputs, not one`);
  checkAcyclic(description, bad);
  checkOutputs(description, checkBounds(description, label), bad);
  return description;
}

function unsupported(label: string, path: string, what: string, known: readonly string[]): TouchstoneError {
  return new TouchstoneError(
    'unsupported',
    `${label}: "${path}" uses ${what}, which is not supported`,
    `Replace it by one of ${known.join(', ')}.`,
  );
}

interface Checking {
  readonly description: NetworkDescription;
  readonly weights: ReadonlyMap<string, unknown>;
  readonly bad: (message: string) => TouchstoneError;
  readonly label: string;
}

function checkContainer(path: string, { inputs, calls, output }: ContainerDescription, checking: Checking): void {
  const { weights, bad } = checking;
  const known = new Set(inputs);
  if (known.size < inputs.length) throw bad(`container "${path}" names an input twice`);
  for (const call of calls) {
    if ('args' in call) checkStep(path, call, known, checking);
    else if ('weight' in call && !weights.has(call.weight))
      throw bad(`container "${path}": call "${call.name}" takes the weight "${call.weight}", which no module has`);
    if (known.has(call.name)) throw bad(`container "${path}": the name "${call.name}" is given twice`);
    known.add(call.name);
  }
  if (!known.has(output)) throw bad(`container "${path}" returns "${output}", which no call made`);
}

function checkStep(path: string, call: StepCall, known: ReadonlySet<string>, checking: Checking): void {
  const { description, bad, label } = checking;
  for (const arg of call.args)
    if (!known.has(arg))
      throw bad(`container "${path}": call "${call.name}" uses "${arg}", which no earlier call made`);
  const given = call.args.length;
  if ('module' in call) {
    const callee = Object.hasOwn(description.modules, call.module) ? description.modules[call.module] : undefined;
    if (!callee) throw bad(`container "${path}" calls "${call.module}", which is not in modules`);
    const takes = inputsOf(description, call.module);
    if (given !== takes)
      throw bad(`container "${path}": call "${call.name}" gives "${call.module}" ${given} inputs; it takes ${takes}`);
    return;
  }
  const schema = Object.hasOwn(opAttributes, call.op) ? opAttributes[call.op as OpName] : undefined;
  if (!schema) throw unsupported(label, `${path}: ${call.name}`, call.op, Object.keys(opAttributes));
  parse(schema, call.attributes, `${label}: attributes of ${call.op} in "${path}"`, 'bad-network');
  if (padsTooMuch(call.op, call.attributes)) throw bad(`container "${path}": ${call.op} ${tooMuchPadding}`);
  const [min, max] = opRow(call.op).inputs ?? [1, 1];
  if (given < min || given > max) throw bad(`container "${path}": ${call.op} is given ${given} inputs`);
}

const tooMuchPadding = 'pads by more than half of its kernel, which PyTorch refuses';

/** Of a pooling: a window could lie in its padding. */
function padsTooMuch(kind: string, attributes: Record<string, unknown>): boolean {
  if (!['MaxPool2d', 'AvgPool2d', 'max_pool2d', 'avg_pool2d'].includes(kind)) return false;
  const { kernelSize, padding, dilation = [1, 1] } = attributes as Record<string, readonly [number, number]>;
  return [0, 1].some((i) => padding![i]! > Math.floor(((kernelSize![i]! - 1) * dilation[i]! + 1) / 2));
}

function inputsOf(description: NetworkDescription, path: string): number {
  const module = description.modules[resolve(description, path)];
  return module && 'calls' in module ? module.inputs.length : 1;
}

function checkAcyclic(description: NetworkDescription, bad: (message: string) => TouchstoneError): void {
  /** Path → the levels of containers below it, which do not depend on who called it first. */
  const heights = new Map<string, number>();
  const heightOf = (path: string, callers: readonly string[]): number => {
    if (callers.includes(path)) throw bad(`"${path}" calls itself`);
    const known = heights.get(path);
    if (known !== undefined) return known;
    const module = description.modules[path]!;
    let height = 0;
    if (callers.length <= maxDepth && 'calls' in module) {
      for (const call of module.calls)
        if ('module' in call)
          height = Math.max(height, 1 + heightOf(resolve(description, call.module), [...callers, path]));
    }
    if (callers.length + height > maxDepth) throw bad(`containers are nested deeper than ${maxDepth}`);
    heights.set(path, height);
    return height;
  };
  heightOf('', []);
}
