/** For tests: networks so small that their explanations can be computed by hand. */
import type { HostTensor, NetworkDescription, Stages, Target } from '@touchstone/contract';
import { loadNetwork, parseNetwork, type Network } from '@touchstone/network';
import { chain as calledInOrder, description, leaf as leaves, type Leaf } from '@touchstone/network/testing';
import { explain } from './explain.js';
import type { Method } from './method.js';

type Described = Pick<Partial<NetworkDescription>, 'heads' | 'preprocess'>;

export function tensor(shape: readonly number[], values: readonly number[]): HostTensor {
  return { shape: [...shape], data: Float32Array.from(values) };
}

/** Leaves by path, called one after another. `input` is [C,H,W]. */
export function chain(
  input: readonly [number, number, number],
  named: Record<string, Leaf>,
  weights: Record<string, HostTensor>,
  more: Described = {},
): Network {
  return network(input, calledInOrder(named), weights, more);
}

export function network(
  [channels, height, width]: readonly [number, number, number],
  modules: NetworkDescription['modules'],
  weights: Record<string, HostTensor>,
  more: Described = {},
): Network {
  const input = { shape: [channels, height, width] } satisfies NetworkDescription['input'];
  return loadNetwork(parseNetwork(description(modules, { ...more, input }), 'test'), weights);
}

export const leaf = {
  ...leaves,
  /** Without bias, where none is asked for. */
  linear: (inFeatures: number, outFeatures: number, bias = false): Leaf => leaves.linear(inFeatures, outFeatures, bias),
};

/**
 * Two inputs a and b; hidden h₁ = relu(a − b), h₂ = relu(2a + b); logits f₀ = h₁ − 3h₂ and f₁ = −h₁ + 2h₂.
 * Every ReLU rule gives another answer at (1, 3) and (3, 1). With `bias`, h₁ and h₂ have one.
 */
export function twoUnits(input: readonly [number, number, number], bias?: readonly [number, number]): Network {
  return chain(
    input,
    { flat: leaf.flatten, hidden: leaf.linear(2, 2, bias !== undefined), relu: leaf.relu, head: leaf.linear(2, 2) },
    {
      'hidden.weight': tensor([2, 2], [1, -1, 2, 1]),
      ...(bias && { 'hidden.bias': tensor([2], bias) }),
      'head.weight': tensor([2, 2], [1, -3, -1, 2]),
    },
  );
}

/**
 * An image x of 2×2; maps A₁ = relu(x) and A₂ = relu(3 − x); their averages ā; logits f₀ = 2ā₁ + 4ā₂ + ½ and f₁ = ā₁ −
 * ā₂.
 */
export function twoMaps(): Network {
  return chain(
    [1, 2, 2],
    {
      conv: leaf.conv(1, 2),
      relu: leaf.relu,
      average: leaf.average,
      flat: leaf.flatten,
      head: leaf.linear(2, 2, true),
    },
    {
      'conv.weight': tensor([2, 1, 1, 1], [1, -1]),
      'conv.bias': tensor([2], [0, 3]),
      'head.weight': tensor([2, 2], [2, 4, 1, -1]),
      'head.bias': tensor([2], [0.5, 0]),
    },
  );
}

/**
 * Three channels of 5×6 and how pixels become them, a padded convolution, pooling and three classes: for laws that
 * hold whatever the numbers.
 */
export function smallNet(): Network {
  const numbers = (shape: readonly number[], seed: number) =>
    tensor(
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(seed + i * 1.7) / 2),
    );
  return chain(
    [3, 5, 6],
    {
      conv: leaf.conv(3, 4, 2),
      relu: leaf.relu,
      pool: leaf.maxPool(2, 2),
      mix: leaf.conv(4, 3),
      average: leaf.average,
      flat: leaf.flatten,
      head: leaf.linear(3, 3, true),
    },
    {
      'conv.weight': numbers([4, 3, 2, 2], 1),
      'conv.bias': numbers([4], 2),
      'mix.weight': numbers([3, 4, 1, 1], 3),
      'mix.bias': numbers([3], 4),
      'head.weight': numbers([3, 3], 5),
      'head.bias': numbers([3], 6),
    },
    { preprocess: { resize: 5, crop: [5, 6], mean: [120, 110, 100], std: [60, 70, 80] } },
  );
}

export interface Request {
  readonly target?: Target;
  readonly params?: unknown;
  readonly fixtures?: Record<string, HostTensor>;
}

/** The stages of `method`; the network is disposed of. */
export async function stagesOf(
  method: unknown,
  network: Network,
  x: HostTensor,
  { target = { class: 0 }, params = {}, fixtures = {} }: Request = {},
): Promise<Stages> {
  try {
    return (await explain(method as Method, { network, x, target, params, fixtures })).stages;
  } finally {
    network.dispose();
  }
}

/** Values without negative zeros, rounded to six digits: readable, and precise enough to show any fault. */
export function rounded({ data }: HostTensor): number[] {
  return Array.from(data, (value) => Number(value.toPrecision(6)) + 0);
}
