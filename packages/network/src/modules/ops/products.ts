import { valuesIn, type OpName } from '@touchstone/contract';
import { attentionSizes } from '../../functional/attention.js';
import * as F from '../../functional/functional.js';
import { productSizes } from '../../functional/matmul.js';
import type { OpRows } from './row.js';

/** Products of matrices in the last two dimensions. */
export const products = {
  matmul: {
    inputs: [2, 2],
    shape: ([a, b]) => productSizes(a!, b!)?.output ?? null,
    multiplyAdds: ([a, b], _, output) => valuesIn(output) * (productSizes(a!, b!)?.inner ?? 0),
    largest: ([a, b]) => {
      const { batch, rows, inner, columns, isJoined } = productSizes(a!, b!)!;
      return Math.max(valuesIn(batch) * rows * inner, isJoined ? 0 : valuesIn(batch) * inner * columns);
    },
    run: ([a, b]) => F.matmul(a!, b!),
  },
  linear: {
    inputs: [2, 3],
    shape: ([x, weight, bias = [1]]) => {
      const [out, features] = weight!;
      const isBias = bias.length <= 1 && [1, out].includes(bias[0] ?? 1);
      return weight!.length === 2 && x!.at(-1) === features && isBias ? [...x!.slice(0, -1), out!] : null;
    },
    multiplyAdds: ([x], _, output) => valuesIn(output) * x!.at(-1)!,
    run: ([x, weight, bias]) => F.linear(x!, weight!, bias ?? null),
  },
  scaled_dot_product_attention: {
    inputs: [3, 4],
    shape: (inputs) => attentionSizes(inputs)?.output ?? null,
    multiplyAdds: (inputs) => {
      const { batch, targets, sources } = attentionSizes(inputs)!;
      return valuesIn(batch) * targets * sources * (inputs[0]!.at(-1)! + inputs[2]!.at(-1)!);
    },
    largest: (inputs) => {
      const { batch, targets, sources } = attentionSizes(inputs)!;
      return valuesIn(batch) * targets * sources;
    },
    run: (inputs, a) => F.scaledDotProductAttention(inputs, a),
  },
} satisfies Partial<OpRows<OpName>>;
