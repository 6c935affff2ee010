/** Values and gradients of functions at ties, zeros and far out, next to PyTorch's in double precision. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import type { HostTensor } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { grad } from '../../autograd/backward.js';
import { Variable } from '../../autograd/variable.js';
import { fromHost, scoped, toHost } from '../../layout.js';
import { pytorchRules } from '../../rules.js';
import { opRow } from './ops.js';

interface Written {
  readonly shape: number[];
  readonly data: readonly (number | 'nan' | 'inf' | '-inf')[];
}
interface Row {
  readonly op: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Written[];
  readonly constant?: readonly number[];
  readonly output: Written;
  readonly gradients: readonly Written[];
}

/** Made by tools/golden/touchstone_golden/op_answers.py; R is 1, 2, 3, …. */
const { rows } = JSON.parse(readFileSync(new URL('../../generated/pytorch-answers.json', import.meta.url), 'utf8')) as {
  rows: Row[];
};
const special = { nan: NaN, inf: Infinity, '-inf': -Infinity } as const;
const hostOf = ({ shape, data }: Written): HostTensor => ({
  shape,
  data: Float64Array.from(data, (value) => (typeof value === 'number' ? value : special[value])),
});

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend(backend);
  });

  it.each(rows.map((row) => [titleOf(row), row] as const))('%s', async (_, row) => {
    const before = tf.memory().numTensors;
    await scoped(async () => {
      const inputs = row.inputs.map((input, i) =>
        Variable.leaf(fromHost(hostOf(input)), { requiresGrad: !row.constant?.includes(i) }),
      );
      const y = opRow(row.op).run(inputs, row.attributes, pytorchRules);
      const R = fromHost({ shape: row.output.shape, data: Float64Array.from(row.output.data, (_, i) => i + 1) });
      const gradients = grad(
        y,
        R,
        inputs.filter(({ requiresGrad }) => requiresGrad),
      );
      expectClose(await toHost(y.value), hostOf(row.output), 1);
      for (const [i, gradient] of gradients.entries())
        expectClose(await toHost(gradient), hostOf(row.gradients[i]!), y.value.size);
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** Within a few roundings of float32: of each number, and of numbers as large as `size`, which may have cancelled. */
function expectClose(actual: HostTensor, expected: HostTensor, size: number): void {
  expect(actual.shape).toEqual(expected.shape);
  const largest = Math.max(...expected.data.map(Math.abs).filter((value) => value < 1e10), size);
  for (const [i, value] of expected.data.entries()) {
    if (Number.isFinite(value))
      expect(Math.abs(actual.data[i]! - value), `at ${i}: ${actual.data[i]} for ${value}`).toBeLessThanOrEqual(
        1e-6 * Math.abs(value) + 4e-7 * largest,
      );
    else expect(actual.data[i], `at ${i}`).toBe(value);
  }
}

function titleOf({ op, attributes, inputs }: Row): string {
  return `${op} ${JSON.stringify(attributes)} of ${inputs.map(({ shape }) => `[${shape.join()}]`).join(' ')}`;
}
