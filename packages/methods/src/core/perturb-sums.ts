/**
 * Shows which values are zero, or equal, only because sums come out so in float64. A sum of products that are all zero
 * is zero in every arithmetic, and so is one that float32 computes without rounding; two sums of the same products in
 * the same order are equal. But where summands cancel, float32 gives what their order gives, and every engine has its
 * own.
 *
 * While the hooks are there, every input of a module that adds up is multiplied by 1 + δ. What is zero or equal in
 * every arithmetic stays so.
 */
import { Random, type LeafType } from '@touchstone/contract';
import { constant, mul, Variable, type Module, type Network } from '@touchstone/network';

/** Two roundings of float32: large enough to be seen in float64, too small to move other units far. */
const perturbation = 2 ** -22;
/**
 * The largest sum, in units of its smallest summand, that is exact in float32: four bits less than it holds, because
 * fast convolutions scale their numbers in between.
 */
const maxExact = 2 ** 20;

type Values = ArrayLike<number>;
type Summing = Extract<LeafType, 'Conv2d' | 'Linear' | 'BatchNorm2d' | 'AvgPool2d' | 'AdaptiveAvgPool2d'>;

interface Summands {
  /** The most products in one sum, of an input of this shape. */
  readonly count: (shape: readonly number[]) => number;
  /** null: computed, so they are rounded themselves. */
  readonly weights: Values | null;
  readonly biases: Values;
}

const summandsOf: { readonly [T in Summing]: (network: Network, path: string) => Summands } = {
  Conv2d: weighted,
  Linear: weighted,
  BatchNorm2d: () => ({ count: () => 1, weights: null, biases: [] }),
  AvgPool2d: () => averaged,
  AdaptiveAvgPool2d: () => averaged,
};

/** The sum of a window, which is divided afterwards; no window is larger than the map. */
const averaged: Summands = { count: ([, h, w]) => h! * w!, weights: [1], biases: [] };

function weighted(network: Network, path: string): Summands {
  const { attributes } = network.description.modules[path] as { readonly attributes?: { readonly bias?: boolean } };
  const weight = network.parameter(`${path}.weight`).value;
  const biases = attributes?.bias ? network.parameter(`${path}.bias`).value.dataSync() : [];
  const count = weight.size / weight.shape[0]!;
  return { count: () => count, weights: weight.dataSync(), biases };
}

/**
 * Returns a function that removes the hooks.
 *
 * @param each which inputs of a module have a δ of their own: every one, so that sums that cancel become other numbers;
 *   or every different value, so that sums of the same products, as in a flat region, stay equal
 */
export function perturbSums(network: Network, each: 'input' | 'value'): () => void {
  const known = new Map<string, Summands>();
  const handles = network.namedModules().flatMap(([path, module]) => {
    if (!Object.hasOwn(summandsOf, module.type)) return [];
    const random = new Random(0, path);
    const factor = (): number => 1 + perturbation * (random.uniform() - 0.5);
    return module.registerForwardPreHook((_module: Module, [x]) => {
      const summands = known.get(path) ?? summandsOf[module.type as Summing](network, path);
      known.set(path, summands);
      const { shape } = x!.value;
      const values = x!.value.dataSync();
      if (isExact(summands, values, shape)) return undefined;
      const factors = Float64Array.from(values, each === 'value' ? byValue(factor) : factor);
      return mul(x!, Variable.leaf(constant(factors, shape)));
    });
  });
  return () => {
    for (const handle of handles) handle.remove();
  };
}

/** The same for equal numbers. */
function byValue(factor: () => number): (value: number) => number {
  const drawn = new Map<number, number>();
  return (value) => {
    const known = drawn.get(value) ?? factor();
    drawn.set(value, known);
    return known;
  };
}

/** Whether float32 adds up without rounding, in any order: every partial sum is a multiple of one power of two. */
function isExact(summands: Summands, values: Values, shape: readonly number[]): boolean {
  if (summands.weights === null) return false;
  const [inputs, weights, biases] = [gridOf(values), gridOf(summands.weights), gridOf(summands.biases)];
  if (inputs === null || weights === null || biases === null) return false;
  const quantum = Math.min(inputs.quantum * weights.quantum, biases.quantum);
  return summands.count(shape) * inputs.largest * weights.largest + biases.largest <= maxExact * quantum;
}

/** The largest power of two of which all values are multiples; null: they need more bits than `maxExact` has. */
function gridOf(values: Values): { readonly largest: number; readonly quantum: number } | null {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  if (largest === 0) return { largest, quantum: Infinity };
  let quantum = 2 ** Math.floor(Math.log2(largest));
  const least = largest / maxExact;
  for (let i = 0; i < values.length; i++)
    while (values[i]! % quantum !== 0) {
      quantum /= 2;
      if (quantum < least) return null;
    }
  return { largest, quantum };
}
