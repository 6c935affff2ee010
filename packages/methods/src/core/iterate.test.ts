import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Stages } from '@touchstone/contract';
import { beforeAll, expect, it } from 'vitest';
import { classVisualization } from '../class-visualization/class-visualization.js';
import { explain } from './explain.js';
import { filterVisualization } from '../filter-visualization/filter-visualization.js';
import { foolingImage } from '../fooling-image/fooling-image.js';
import type { RunControl, Method } from './method.js';
import { smallNet, tensor } from './testing.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const x = tensor(
  [1, 3, 5, 6],
  Array.from({ length: 90 }, (_, i) => Math.cos(i * 1.3)),
);
const jobs = [
  { method: foolingImage, params: { rate: 0.01, steps: 9 } },
  { method: classVisualization, params: { rate: 0.1, steps: 9, jitter: 2 } },
  { method: filterVisualization, params: { layer: 'mix', filter: 1, size: 6, octaves: 3, steps: 3 } },
];

async function run(method: unknown, params: object, control?: RunControl): Promise<Stages> {
  const network = smallNet();
  try {
    return (
      await explain(method as Method, {
        network,
        x,
        target: { class: 2 },
        params,
        fixtures: {},
        ...(control && { control }),
      })
    ).stages;
  } finally {
    network.dispose();
  }
}

it.each(jobs)('$method.id resumes from any step to the same bits', async ({ method, params }) => {
  const states: { step: number; state: Stages }[] = [];
  const whole = await run(method, params, {
    onStep: async ({ step, state }) => void states.push({ step, state: await state() }),
  });
  expect(states.map(({ step }) => step)).toEqual(states.map((_, i) => i + 1));
  expect(await run(method, params)).toEqual(whole);
  for (const from of states) expect(await run(method, params, { from })).toEqual(whole);
});

it.each(jobs)('$method.id stops when onStep throws, and leaves no tensor', async ({ method, params }) => {
  const before = tf.memory().numTensors;
  const stop = run(method, params, {
    onStep: async ({ step }) => {
      if (step === 5) throw new Error('enough');
    },
  });
  await expect(stop).rejects.toThrow('enough');
  expect(tf.memory().numTensors).toBe(before);
});

it.each(jobs)('$method.id reports the image and the value of the objective', async ({ method, params }) => {
  let last: { text: string; shape: readonly number[] } | undefined;
  await run(method, params, {
    onStep: async ({ text, frame }) => void (last = { text, shape: (await frame()).shape }),
  });
  expect(last!.shape.slice(0, 2)).toEqual([1, 3]);
  expect(last!.text).toMatch(/fooled|score|activation/);
});

it('a state that lacks a part is refused', async () => {
  const resumed = run(foolingImage, { rate: 0.01 }, { from: { step: 5, state: {} } });
  await expect(resumed).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('has no "image"') as string,
    hint: expect.stringMatching(/^[A-Z].*\.$/) as string,
  });
});

it.each(jobs.slice(1))(
  '$method.id refuses a seed that would draw what a smaller one draws',
  async ({ method, params }) => {
    await expect(run(method, { ...params, seed: 2 ** 32 })).rejects.toMatchObject({
      code: 'bad-params',
      message: expect.stringContaining('"seed"') as string,
    });
  },
);
