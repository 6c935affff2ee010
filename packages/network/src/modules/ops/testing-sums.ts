/** For tests: a function's values and gradients as sums that PyTorch gave. */
import * as tf from '@tensorflow/tfjs-core';
import { opAttributes, type OpName } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { grad } from '../../autograd/backward.js';
import { fromNchw, nchwShape, toNchw } from '../../layout.js';
import { pytorchRules } from '../../rules.js';
import { dot, integers, start } from '../../testing.js';
import { shapeAfter } from '../shapes.js';
import { opRow } from './ops.js';

type Row = [
  op: OpName,
  name: string,
  attributes: Record<string, unknown>,
  inputs: number[][],
  shape: number[],
  /** Of the output and of each input's gradient. */
  sums: number[],
];

/**
 * On cpu and wasm, which the caller imports.
 *
 * @param defaults attributes of all rows of a function
 * @param table torch 2.15, float64: input k is `integers(shape, k)` in NCHW order, R and what the sums are taken with
 *   `waves`; all gradients are those of Σ y·R.
 */
export function testSums(defaults: Partial<Record<OpName, Record<string, unknown>>>, table: readonly Row[]): void {
  describe.each(['cpu', 'wasm'])('on %s', (backend) => {
    beforeAll(async () => {
      tf.enableProdMode();
      await tf.setBackend(backend);
    });

    it.each(table)('%s: %s', (op, _, given, inputs, shape, sums) => {
      const attributes: unknown = opAttributes[op].parse({ ...defaults[op], ...given });
      expect(shapeAfter(op, inputs, attributes as Record<string, unknown>)).toEqual(shape);
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const variables = inputs.map((size, k) => start(fromNchw(integers(size, k))));
        const y = opRow(op).run(variables, attributes, pytorchRules);
        expect(nchwShape(y.shape)).toEqual(shape);
        const gradients = grad(y, fromNchw(waves(shape)), variables);
        for (const [i, tensor] of [y.value, ...gradients].entries()) {
          const values = toNchw(tensor!);
          expect(dot(values, waves(values.shape)), `sum ${i}`).toBeCloseTo(sums[i]!, 3);
        }
      });
      expect(tf.memory().numTensors).toBe(before);
    });
  });
}

/** sin(i² + 1), so that every value counts and none alike. */
function waves(shape: readonly number[]): tf.Tensor {
  return tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => Math.sin(i * i + 1)),
    [...shape],
  );
}
