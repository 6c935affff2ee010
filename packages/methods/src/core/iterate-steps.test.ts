/** The steps of the loop: what is compared, reported, resumed and left out. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Network } from '@touchstone/network';
import { beforeAll, expect, it } from 'vitest';
import { inputGradient } from '../steps/input-gradient.js';
import { iterate, type Iteration } from './iterate.js';
import type { RunControl } from './method.js';
import { chain, leaf, tensor } from './testing.js';

let network: Network;
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  const weights = { 'head.weight': tensor([1, 1], [1]) };
  network = chain([1, 1, 1], { relu: leaf.relu, flat: leaf.flatten, head: leaf.linear(1, 1) }, weights);
});

type Counted = { n: tf.Tensor };
interface Asked extends Partial<Pick<Iteration<Counted>, 'steps' | 'compared'>> {
  readonly doneAt?: number;
  readonly control?: RunControl;
}

/** Counts in a state of one number; `forced` are the steps under the rules of the caller. */
async function count({ steps = 5, compared = 2, doneAt = Infinity, control = {} }: Asked) {
  const seen = { steps: [] as number[], forced: [] as number[], compared: [] as string[], reported: [] as string[] };
  let current = -1;
  const value = async ({ n }: Counted) => (await n.data())[0]!;
  const before = tf.memory().numTensors;
  tf.engine().startScope('loop');
  const iteration: Iteration<Counted> = {
    network,
    steps,
    start: { n: tf.scalar(0) },
    step: ({ n }, index) => {
      seen.steps.push((current = index));
      inputGradient(network, tf.ones([1, 1, 1, 1]), { class: 0 });
      return { n: tf.add(n, 1) };
    },
    isDone: async (state) => (await value(state)) >= doneAt,
    compared,
    onCompared: ({ n }, number) => void seen.compared.push(`${number}: ${n.dataSync()[0]}`),
    image: 'n',
    text: async (state) => `n is ${await value(state)}`,
  };
  const onStep: RunControl['onStep'] = async ({ step, text }) => void seen.reported.push(`${step}: ${text}`);
  const rules = {
    atRelu: (derivative: tf.Tensor) => {
      seen.forced.push(current);
      return derivative;
    },
  };
  const { state, taken } = await network.withRules(rules, () => iterate(iteration, { onStep, ...control }));
  const n = await value(state);
  expect(tf.memory().numTensors).toBe(before + 1);
  tf.engine().endScope();
  return { n, taken, ...seen };
}

const reports = (...steps: number[]) => steps.map((step) => `${step}: n is ${step}`);
const from = (step: number): RunControl => ({ from: { step, state: { n: tensor([], [step]) } } });

it.each<[string, Asked, Partial<Awaited<ReturnType<typeof count>>>]>([
  [
    'all steps; only those that are compared run under the caller’s rules',
    {},
    {
      n: 5,
      taken: 5,
      steps: [0, 1, 2, 3, 4],
      forced: [0, 1],
      compared: ['1: 1', '2: 2'],
      reported: reports(1, 2, 3, 4, 5),
    },
  ],
  ['fewer than are compared', { steps: 1 }, { n: 1, taken: 1, compared: ['1: 1', '2: 1'], reported: reports(1) }],
  ['none where it is done', { doneAt: 0 }, { n: 0, taken: 0, compared: ['1: 0', '2: 0'], reported: [] }],
  ['until it is done', { doneAt: 3 }, { n: 3, taken: 3, steps: [0, 1, 2], reported: reports(1, 2, 3) }],
  ['the compared ones alone', { control: { comparedOnly: true } }, { n: 2, taken: 2, steps: [0, 1] }],
  ['none', { compared: 0, control: { comparedOnly: true } }, { n: 0, taken: 0, steps: [], compared: [] }],
  [
    'those after a stored one, with the compared ones again',
    { control: from(3) },
    { n: 5, taken: 5, steps: [0, 1, 3, 4], compared: ['1: 1', '2: 2'], reported: reports(4, 5) },
  ],
  [
    'those after a stored one that is compared',
    { compared: 3, control: from(1) },
    { n: 5, taken: 5, steps: [0, 1, 2, 3, 4], reported: reports(2, 3, 4, 5) },
  ],
  [
    'those after the last compared one, which is stored',
    { control: from(2) },
    { steps: [0, 1, 2, 3, 4], reported: reports(3, 4, 5) },
  ],
])('runs %s', async (_, asked, expected) => expect(await count(asked)).toMatchObject(expected));
