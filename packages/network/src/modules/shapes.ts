/** The output shapes of a network's modules, computed from its description without weights, backend or pass. */
import {
  valuesIn,
  type ContainerDescription,
  type LeafAttributes,
  type LeafType,
  type NetworkDescription,
} from '@touchstone/contract';
import { weightShapes } from './leaves.js';
import { opRow } from './ops/ops.js';
import { hasNoChildren, resolve } from './resolve.js';
import { adaptivePool, flatten, paddedValues, pool, same, windows, type Rule, type Shape } from './shape-rules.js';

export type { Shape } from './shape-rules.js';

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
  readonly multiplyAdds: number;
  /** Values of the largest tensor that the call makes. */
  readonly largest: number;
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
  const weights = weightShapes(description);
  const run = (path: string, inputs: readonly Shape[]): Shape | null => {
    const real = resolve(description, path);
    const module = description.modules[real]!;
    if ('calls' in module) {
      const shape = runContainer(real, module, inputs, { run, onStep, weights });
      if (shape && hasNoChildren(description, real)) leaves.push({ path: real, shape });
      return shape;
    }
    if ('alias' in module) return null;
    const { attributes } = module;
    const shape = shapeAfter(module.type, inputs, attributes);
    if (!shape) return null;
    leaves.push({ path: real, shape });
    onStep({ where: real, inputs, attributes, shape, ...costOfLeaf(inputs, attributes, shape) });
    return shape;
  };
  const output = run('', [input]);
  return output && { leaves, output };
}

interface Walk {
  readonly run: (path: string, inputs: readonly Shape[]) => Shape | null;
  readonly onStep: (step: Step) => void;
  readonly weights: ReadonlyMap<string, Shape>;
}

function runContainer(
  path: string,
  { inputs: names, calls, output }: ContainerDescription,
  inputs: readonly Shape[],
  { run, onStep, weights }: Walk,
): Shape | null {
  const values = new Map(names.map((name, i) => [name, inputs[i]!]));
  for (const call of calls) {
    if (!('args' in call)) {
      values.set(call.name, 'number' in call ? [] : weights.get(call.weight)!);
      continue;
    }
    const given = call.args.map((name) => values.get(name)!);
    const shape = 'module' in call ? run(call.module, given) : shapeAfter(call.op, given, call.attributes);
    if (!shape) return null;
    if ('op' in call) {
      const where = `${path} ${call.op}`.trim();
      const cost = costOfOp(call.op, given, call.attributes, shape);
      onStep({ where, inputs: given, attributes: call.attributes, shape, ...cost });
    }
    values.set(call.name, shape);
  }
  return values.get(output)!;
}

/** Of one layer or function, whose sizes are all positive; null where the inputs do not fit. */
export function shapeAfter(
  type: string,
  inputs: readonly Shape[],
  attributes: Readonly<Record<string, unknown>>,
): Shape | null {
  const rule = Object.hasOwn(leafRules, type) ? (leafRules[type as LeafType] as Rule<unknown>) : opRow(type).shape;
  const shape = rule(inputs, attributes);
  return shape?.every((size) => size > 0) ? shape : null;
}

type Cost = Pick<Step, 'multiplyAdds' | 'largest'>;

function costOfLeaf([x]: readonly Shape[], attributes: Step['attributes'], shape: Shape): Cost {
  const { kernelSize, inChannels, groups, inFeatures, padding } = attributes as Partial<
    LeafAttributes<'Conv2d'> & LeafAttributes<'Linear'>
  >;
  const [height, width] = kernelSize ?? [1, 1];
  const perValue = inChannels !== undefined ? (inChannels / groups!) * height * width : (inFeatures ?? 0);
  return {
    multiplyAdds: perValue * valuesIn(shape),
    largest: Math.max(valuesIn(shape), padding?.length === 2 ? paddedValues([x!], { padding }) : 0),
  };
}

function costOfOp(op: string, inputs: readonly Shape[], attributes: Step['attributes'], shape: Shape): Cost {
  const { multiplyAdds, largest } = opRow(op);
  return {
    multiplyAdds: multiplyAdds?.(inputs, attributes, shape) ?? 0,
    largest: Math.max(valuesIn(shape), largest?.(inputs, attributes) ?? 0),
  };
}

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
