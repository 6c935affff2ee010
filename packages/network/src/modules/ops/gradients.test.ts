/** Every function that containers call: its shape, its gradients, and that it leaves no tensor. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { opAttributes } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkGradients } from './check-gradients.js';
import { examples, opExamples } from './examples.js';

it.each(Object.keys(opAttributes))('%s has an example', (op) => {
  const calls = (examples as Partial<Record<string, readonly unknown[]>>)[op] ?? [];
  expect(calls.length, `add a call of ${op} to packages/network/src/modules/ops/examples.ts`).toBeGreaterThan(0);
});

describe('on wasm', () => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend('wasm');
  });

  // packages/laws/src/op-gradients.test.ts does the same in double precision.
  it.each(opExamples.map((example) => [titleOf(example), example] as const))('%s', (_, example) => {
    const before = tf.memory().numTensors;
    const { shapes, derivatives } = checkGradients(example, 2 ** -7);
    expect(tf.memory().numTensors).toBe(before);
    expect(shapes[1]).toEqual(shapes[0]);
    for (const [gradient, difference] of derivatives)
      expect(Math.abs(gradient - difference)).toBeLessThan(0.01 * Math.max(1, Math.abs(gradient)));
  });
});

function titleOf({ op, inputs, attributes }: (typeof opExamples)[number]): string {
  return `${op} ${JSON.stringify(attributes)} of ${inputs.map(({ shape }) => `[${shape.join()}]`).join(' ')}`;
}
