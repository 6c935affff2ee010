import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { adagrad, adam, rmsprop, startAt } from './optimisers.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const row = (values: number[]): tf.Tensor4D => tf.tensor4d(values, [1, 1, 1, values.length]);
const gradients = [
  [0.1, -0.2, 1e-8],
  [-0.3, 0.1, -1e-8],
  [0.2, 0.2, 2e-8],
];

// torch 2.15, torch.optim.Adam([x], lr=0.1, weight_decay=decay, foreach=False), x = (1, −2, ½); the third gradient is
// as small as ε
it.each([
  {
    decay: 0,
    expected: [
      [0.90000001, -1.900000005, 0.45],
      [0.9494189911, -1.8733663027, 0.4526315789],
      [0.9475402218, -1.900635980239, 0.4234422063],
    ],
  },
  {
    decay: 0.01,
    expected: [
      [0.9000000091, -1.9000000045, 0.4000002],
      [0.9459289153, -1.8628462568, 0.3011878695],
      [0.939682225, -1.879250815, 0.2048718823],
    ],
  },
])('three steps with weight decay $decay', ({ decay, expected }) => {
  let state = startAt(row([1, -2, 0.5]));
  for (const [i, gradient] of gradients.entries()) {
    state = adam(state, row(gradient), { rate: 0.1, step: i + 1, decay });
    for (const [j, value] of state.x.dataSync().entries()) expect(value).toBeCloseTo(expected[i]![j]!, 6);
  }
});

// torch 2.15, as above with torch.optim.RMSprop and Adagrad; the third gradient of Adagrad is a hundredth of that
it.each([
  {
    name: 'RMSprop',
    optimiser: rmsprop,
    scale: 1,
    expected: [
      [1e-6, -1.0000005, 0.4090909091],
      [0.9491586955, -1.4490135535, 0.4967281543],
      [0.4125259215, -2.1190234998, 0.3360001052],
    ],
  },
  {
    name: 'Adagrad',
    optimiser: adagrad,
    scale: 0.01,
    expected: [
      [0.9000000001, -1.9, 0.45],
      [0.9948683299, -1.9447213596, 0.4914213562],
      [0.9414160815, -2.0113880262, 0.4334417665],
    ],
  },
])('three steps of $name', ({ optimiser, scale, expected }) => {
  let state = startAt(row([1, -2, 0.5]));
  for (const [i, [a, b, c]] of gradients.entries()) {
    state = optimiser(state, row([a!, b!, c! * scale]), { rate: 0.1, step: i + 1 });
    for (const [j, value] of state.x.dataSync().entries()) expect(value).toBeCloseTo(expected[i]![j]!, 5);
    expect([...state.mean.dataSync()]).toEqual([0, 0, 0]);
  }
});
