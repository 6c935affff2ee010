/**
 * Which parts of the modules' outputs are read on the way to the network's output, from its description alone. What is
 * not read has no gradient: after the last attention of a classifier, only the class token is.
 */
import type { ContainerDescription, NetworkDescription } from '@touchstone/contract';
import { weightShapes } from './leaves.js';
import { hasNoChildren, resolve } from './resolve.js';
import type { Shape } from './shape-rules.js';
import { shapeAfter } from './shapes.js';

/** Positions of dimension 1 (channels of a map, tokens of [N,T,D]), or all of them; empty: nothing is read. */
export type Positions = 'all' | ReadonlySet<number>;

/** One call of a module. */
export interface ModuleCall {
  readonly path: string;
  readonly shape: Shape;
  /** It has no children. */
  readonly isLeaf: boolean;
  /** What of its output is read; may be more than what is, never less. */
  readonly read: Positions;
}

interface Value {
  readonly shape: Shape;
  read: Positions;
}

type Attributes = Readonly<Record<string, unknown>>;

/** `output = name(inputs)` */
interface Step {
  readonly name: string;
  readonly attributes: Attributes;
  readonly inputs: readonly Value[];
  readonly output: Value;
}

interface Walk {
  readonly description: NetworkDescription;
  readonly weights: ReadonlyMap<string, Shape>;
  readonly steps: Step[];
  readonly calls: { path: string; isLeaf: boolean; value: Value }[];
}

/**
 * The calls of all modules, in the order in which they return. Null for an input that does not fit.
 *
 * @param input [N,C,H,W]
 * @param wanted what of the network's output counts
 */
export function readParts(
  description: NetworkDescription,
  input: Shape,
  wanted: Positions = 'all',
): readonly ModuleCall[] | null {
  const walk: Walk = { description, weights: weightShapes(description), steps: [], calls: [] };
  const output = run('', [valueOf(input)], walk);
  if (output === null) return null;
  read(output, wanted);
  for (const step of walk.steps.toReversed()) {
    if (isNothing(step.output.read)) continue;
    for (const [i, value] of step.inputs.entries()) read(value, partRead(step, i));
  }
  return walk.calls.map(({ path, isLeaf, value: { shape, read: positions } }) => ({
    path,
    isLeaf,
    shape,
    read: positions,
  }));
}

/** Whether any position from this one on is read. */
export function isReadFrom(positions: Positions, first = 0): boolean {
  return positions === 'all' || [...positions].some((position) => position >= first);
}

const valueOf = (shape: Shape): Value => ({ shape, read: new Set() });
const isNothing = (positions: Positions): boolean => positions !== 'all' && positions.size === 0;

function read(value: Value, positions: Positions): void {
  if (value.read === 'all' || isNothing(positions)) return;
  const all = positions === 'all' ? positions : new Set([...value.read, ...positions]);
  value.read = all === 'all' || all.size >= (value.shape[1] ?? 1) ? 'all' : all;
}

function run(path: string, inputs: readonly Value[], walk: Walk): Value | null {
  const real = resolve(walk.description, path);
  const module = walk.description.modules[real]!;
  if ('alias' in module) return null;
  const value =
    'calls' in module ? runContainer(module, inputs, walk) : stepped(module.type, inputs, module.attributes, walk);
  if (value) walk.calls.push({ path: real, isLeaf: hasNoChildren(walk.description, real), value });
  return value;
}

function runContainer(
  { inputs: names, calls, output }: ContainerDescription,
  inputs: readonly Value[],
  walk: Walk,
): Value | null {
  const values = new Map(names.map((name, i) => [name, inputs[i]!]));
  for (const call of calls) {
    if (!('args' in call)) {
      values.set(call.name, valueOf('number' in call ? [] : walk.weights.get(call.weight)!));
      continue;
    }
    const given = call.args.map((name) => values.get(name)!);
    const value = 'module' in call ? run(call.module, given, walk) : stepped(call.op, given, call.attributes, walk);
    if (!value) return null;
    values.set(call.name, value);
  }
  return values.get(output)!;
}

function stepped(name: string, inputs: readonly Value[], attributes: Attributes, { steps }: Walk): Value | null {
  const shape = shapeAfter(
    name,
    inputs.map((input) => input.shape),
    attributes,
  );
  if (!shape) return null;
  const output = valueOf(shape);
  steps.push({ name, attributes, inputs, output });
  return output;
}

/** What a step reads of its input i, where something of its output is read. */
function partRead({ name, attributes, inputs, output }: Step, i: number): Positions {
  const { shape } = inputs[i]!;
  if (shape.length < 2) return 'all';
  const along = attributes['dim'] as number | undefined;
  const dim = along !== undefined && along < 0 ? along + shape.length : along;
  if (name === 'select' && dim === 1) return new Set([attributes['index'] as number]);
  if ((name === 'slice' || name === 'index_select') && dim === 1) {
    const from = name === 'slice' ? sliced(attributes, shape[1]!) : (attributes['index'] as readonly number[]);
    return new Set(from.filter((_, to) => output.read === 'all' || output.read.has(to)));
  }
  if (output.read === 'all') return 'all';
  if (name === 'cat' && dim === 1) {
    const first = inputs.slice(0, i).reduce((sum, before) => sum + before.shape[1]!, 0);
    return new Set([...output.read].map((at) => at - first).filter((at) => at >= 0 && at < shape[1]!));
  }
  return keepsPositions(name, attributes, shape, output.shape) ? output.read : 'all';
}

function sliced({ start, end, step }: Attributes, size: number): number[] {
  const positions: number[] = [];
  for (let at = start as number; at < Math.min(end as number, size); at += step as number) positions.push(at);
  return positions;
}

/** Functions of each value alone, or of values at the same place. */
const valueByValue = new Set(
  (
    'ReLU ReLU6 Dropout Identity relu relu6 dropout sigmoid silu hardswish hardsigmoid tanh mish selu exp log sqrt ' +
    'rsqrt abs erf logsigmoid gelu leaky_relu elu celu softplus hardtanh clamp threshold pow add sub mul div maximum ' +
    'minimum BatchNorm2d batch_norm'
  ).split(' '),
);

/** Whether position p of dimension 1 of the output depends on position p of the input alone. */
function keepsPositions(name: string, attributes: Attributes, input: Shape, output: Shape): boolean {
  if (input.length !== output.length || input[1] !== output[1]) return false;
  const rank = input.length;
  if (valueByValue.has(name)) return true;
  if (name === 'Linear' || name === 'linear') return rank > 2;
  if (name === 'layer_norm' || name === 'rms_norm')
    return rank - (attributes['normalizedShape'] as readonly number[]).length > 1;
  const dims = [attributes['dim'] ?? attributes['dims'] ?? []].flat() as number[];
  if (name === 'cat' || name === 'slice' || name === 'index_select') return true; // along another dimension
  return ['softmax', 'log_softmax', 'roll', 'flip'].includes(name) && !dims.includes(1);
}
