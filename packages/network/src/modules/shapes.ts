/** The output shapes of a network's modules, computed from its description without weights, backend or pass. */
import type {
  ContainerDescription,
  LeafAttributes,
  LeafType,
  NetworkDescription,
  OpAttributes,
  OpName,
} from '@touchstone/contract';
import { windowCount } from '../ops/window-count.js';
import { hasNoChildren, resolve } from './resolve.js';

/** As PyTorch shows it: [N,C,H,W], [N,features], … */
export type Shape = readonly number[];

/** One call of a module without children. */
export interface LeafCall {
  readonly path: string;
  readonly shape: Shape;
}

export interface Shapes {
  /** In order of execution. */
  readonly leaves: readonly LeafCall[];
  readonly output: Shape;
}

/** One call of a leaf or of a function. */
export interface Step {
  /** The leaf's path; for a function, its name after the path of its container. */
  readonly where: string;
  readonly inputs: readonly Shape[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly shape: Shape;
}

/**
 * Null for an input that is too small or has the wrong number of dimensions for a layer; running the network names it.
 *
 * @param input [N,C,H,W]
 * @param onStep called in order of execution
 */
export function shapesOf(
  description: NetworkDescription,
  input: Shape,
  onStep: (step: Step) => void = () => {},
): Shapes | null {
  const leaves: LeafCall[] = [];
  const run = (path: string, inputs: readonly Shape[]): Shape | null => {
    const real = resolve(description, path);
    const module = description.modules[real]!;
    if ('calls' in module) {
      const shape = runContainer(real, module, inputs, run, onStep);
      if (shape && hasNoChildren(description, real)) leaves.push({ path: real, shape });
      return shape;
    }
    if ('alias' in module) return null;
    const { attributes } = module;
    const rule = leafRules[module.type as LeafType] as Rule<unknown>;
    const shape = checked(rule(inputs, attributes));
    if (!shape) return null;
    leaves.push({ path: real, shape });
    onStep({ where: real, inputs, attributes, shape });
    return shape;
  };
  const output = run('', [input]);
  return output && { leaves, output };
}

function runContainer(
  path: string,
  { inputs: names, calls, output }: ContainerDescription,
  inputs: readonly Shape[],
  run: (path: string, inputs: readonly Shape[]) => Shape | null,
  onStep: (step: Step) => void,
): Shape | null {
  const values = new Map(names.map((name, i) => [name, inputs[i]!]));
  for (const call of calls) {
    const given = call.args.map((name) => values.get(name)!);
    const shape =
      'module' in call
        ? run(call.module, given)
        : checked((opRules[call.op as OpName] as Rule<unknown>)(given, call.attributes));
    if (!shape) return null;
    if ('op' in call) onStep({ where: `${path} ${call.op}`.trim(), inputs: given, attributes: call.attributes, shape });
    values.set(call.name, shape);
  }
  return values.get(output)!;
}

/** Of one layer or function, whose sizes are all positive; null where the inputs do not fit. */
export function shapeAfter(
  type: LeafType | OpName,
  inputs: readonly Shape[],
  attributes: Readonly<Record<string, unknown>>,
): Shape | null {
  return checked(({ ...leafRules, ...opRules }[type] as Rule<unknown>)(inputs, attributes));
}

function checked(shape: Shape | null): Shape | null {
  return shape?.every((size) => size > 0) ? shape : null;
}

type Rule<Attributes> = (inputs: readonly Shape[], attributes: Attributes) => Shape | null;

const same: Rule<unknown> = ([x]) => x!;

/** @param channels of the output; undefined: those of the input */
function windows(
  x: Shape,
  { kernelSize, stride, padding, dilation = [1, 1], ceilMode = false }: WindowAttributes,
  channels = x[1]!,
): Shape | null {
  if (x.length !== 4) return null;
  const size = (i: 0 | 1) =>
    windowCount(x[2 + i]!, {
      kernelSize: kernelSize[i],
      stride: stride[i],
      padding: padding[i],
      dilation: dilation[i],
      ceilMode,
    });
  return [x[0]!, channels, size(0), size(1)];
}

interface WindowAttributes {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly ceilMode?: boolean;
}

const pool: Rule<WindowAttributes> = ([x], attributes) => windows(x!, attributes);

const adaptivePool: Rule<LeafAttributes<'AdaptiveAvgPool2d'>> = ([x], { outputSize: [rows, columns] }) =>
  x!.length === 4 ? [x![0]!, x![1]!, rows ?? x![2]!, columns ?? x![3]!] : null;

const flatten: Rule<LeafAttributes<'Flatten'>> = ([x], { startDim, endDim }) => {
  const at = (dim: number) => (dim < 0 ? dim + x!.length : dim);
  const [start, end] = [at(startDim), at(endDim)];
  return [...x!.slice(0, start), x!.slice(start, end + 1).reduce((a, b) => a * b, 1), ...x!.slice(end + 1)];
};

const leafRules: { readonly [T in LeafType]: Rule<LeafAttributes<T>> } = {
  Conv2d: ([x], attributes) => windows(x!, attributes, attributes.outChannels),
  Linear: ([x], { outFeatures }) => [...x!.slice(0, -1), outFeatures],
  BatchNorm2d: same,
  ReLU: same,
  ReLU6: same,
  MaxPool2d: pool,
  AvgPool2d: pool,
  AdaptiveAvgPool2d: adaptivePool,
  ZeroPad2d: ([x], { padding: [left, right, top, bottom] }) =>
    x!.length === 4 ? [x![0]!, x![1]!, x![2]! + top + bottom, x![3]! + left + right] : null,
  Dropout: same,
  Flatten: flatten,
  Identity: same,
};

const opRules: { readonly [T in OpName]: Rule<OpAttributes<T>> } = {
  add: ([a, b]) => broadcast(a!, b!),
  cat: (parts, { dim }) => {
    const axis = dim < 0 ? dim + parts[0]!.length : dim;
    return parts[0]!.map((size, i) => (i === axis ? parts.reduce((sum, part) => sum + part[i]!, 0) : size));
  },
  relu: same,
  relu6: same,
  max_pool2d: pool,
  avg_pool2d: pool,
  adaptive_avg_pool2d: adaptivePool,
  flatten,
  dropout: same,
};

function broadcast(a: Shape, b: Shape): Shape {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const missing = long.length - short.length;
  return long.map((size, i) => Math.max(size, short[i - missing] ?? 1));
}
