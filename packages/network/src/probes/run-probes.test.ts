import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import type { HostTensor } from '@touchstone/contract';
import { beforeAll, expect, it } from 'vitest';
import { probeIds, runProbes } from './run-probes.js';

interface Row {
  id: string;
  inputs: Record<string, { shape: number[]; data: number[] }>;
  answer: { shape: number[]; data: number[] };
}
const { probes } = JSON.parse(readFileSync(new URL('../../../../golden/probes.json', import.meta.url), 'utf8')) as {
  probes: Row[];
};
const questions = probes.map(({ id, inputs }) => ({
  id,
  inputs: Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  ),
}));

/** Replaces TF.js's own gradients, which the core lacks: one that is easy to recognise, and one that fails. */
let timesRegistered = 0;
function register(): void {
  timesRegistered++;
  tf.registerGradient({
    kernelName: 'Relu6',
    inputsToSave: ['x'],
    gradFunc: (dy) => ({ x: () => tf.mul(dy as tf.Tensor, 42) }),
  });
  tf.registerGradient({
    kernelName: 'Abs',
    gradFunc: () => {
      throw new Error('broken here\nand more');
    },
  });
}
const run = async (ids: readonly string[]) =>
  (
    await runProbes(
      questions.filter(({ id }) => ids.includes(id)),
      register,
    )
  ).answers;

beforeAll(() => tf.enableProdMode());

it('has a probe for every question of golden/probes.json, and no other', () => {
  expect([...probeIds].sort()).toEqual(probes.map(({ id }) => id).sort());
});

it.each(['cpu', 'wasm'])("ours gives PyTorch's answers, and no tensor is left, on %s", async (engine) => {
  await tf.setBackend(engine);
  const before = tf.memory().numTensors;
  const answers = await run(probeIds);
  for (const [i, { ours, id }] of answers.entries()) {
    const { shape, data } = probes[i]!.answer;
    expect(ours, id).toMatchObject({ shape });
    for (const [j, value] of (ours as HostTensor).data.entries())
      expect(Math.abs(value - data[j]!), `${id} at ${j}`).toBeLessThanOrEqual(1e-6 * Math.max(...data.map(Math.abs)));
  }
  expect(tf.memory().numTensors).toBe(before);
  expect(Object.keys(tf.engine().state.registeredVariables)).toEqual([]);
});

it('takes the stock gradients out of the registry, and puts them back for stock only', async () => {
  await tf.setBackend('cpu');
  const [relu6] = await run(['relu6-gradient']);
  expect(relu6).toMatchObject({
    stock: { shape: [4], data: Float32Array.of(42, 42, 42, 42) },
    ours: { data: Float32Array.of(0, 1, 0, 0) },
  });
  expect(tf.getGradient('Relu6')).toBeUndefined();
  await run(['relu6-gradient']);
  expect(timesRegistered).toBe(1);
});

it('answers with a reason where there is no tensor', async () => {
  await tf.setBackend('cpu');
  const [, abs] = await run(['relu6-gradient', 'abs-gradient']);
  expect(abs!.stock).toBe('throws: broken here');
  expect(tf.getGradient('Abs')).toBeUndefined();
});

it("reports a partly uninitialised result, as of TF.js's max pool with ceil on wasm", async () => {
  await tf.setBackend('wasm');
  const [ceil] = await run(['max-pool-ceil']);
  expect(ceil!.stock).toBe('not repeatable: 7 9 17 19 ? ? ? ? ?');
});

it('refuses a question that it does not know', async () => {
  await expect(runProbes([{ id: 'toString', inputs: {} }], register)).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('"toString"'),
  });
});
