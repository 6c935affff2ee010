import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { chain, leaf, rounded, stagesOf, tensor, twoMaps } from '../core/testing.js';
import { gradCam } from '../grad-cam/grad-cam.js';
import { hiresCam } from './hires-cam.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

/** A = 2x, f = 1·A₁ + 5·A₂: g differs from pixel to pixel. */
const flattening = () =>
  chain(
    [1, 1, 2],
    { conv: leaf.conv(1, 1), flat: leaf.flatten, head: leaf.linear(2, 1) },
    {
      'conv.weight': tensor([1, 1, 1, 1], [2]),
      'conv.bias': tensor([1], [0]),
      'head.weight': tensor([1, 2], [1, 5]),
    },
  );

it.each([
  { at: [10, 1], relu: true, map: [20, 10], attribution: [1, 0.5] }, // Grad-CAM would give 60 and 6
  { at: [10, -3], relu: true, map: [20, 0], attribution: [1, 0] },
  { at: [10, -3], relu: false, map: [20, -30], attribution: [0.666667, -1] },
  { at: [-10, -3], relu: true, map: [0, 0], attribution: [0, 0] },
  { at: [-10, -3], relu: false, map: [-20, -30], attribution: [-0.666667, -1] },
])('at $at, relu $relu', async ({ at, relu, map, attribution }) => {
  const stages = await stagesOf(hiresCam, flattening(), tensor([1, 1, 1, 2], at), { params: { relu } });
  expect(Object.keys(stages)).toEqual(Object.keys(hiresCam.stages));
  expect(rounded(stages['gradient']!)).toEqual([1, 5]);
  expect(rounded(stages['map']!)).toEqual(map);
  expect(rounded(stages['attribution']!)).toEqual(attribution);
});

it('is Grad-CAM in front of global average pooling', async () => {
  const [x, request] = [tensor([1, 1, 2, 2], [1, 2, 3, 6]), { target: { class: 1 }, params: { layer: 'relu' } }];
  const [hires, averaged] = [
    await stagesOf(hiresCam, twoMaps(), x, request),
    await stagesOf(gradCam, twoMaps(), x, request),
  ];
  expect(rounded(hires['map']!)).toEqual(rounded(averaged['map']!));
});
