import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { deconv } from '../deconv/deconv.js';
import { displayDeconv, displayGradient, displayGuided } from './display.js';
import { guidedBackprop } from '../guided-backprop/guided-backprop.js';
import type { Method } from '../core/method.js';
import { saliency } from '../saliency/saliency.js';
import { smoothGrad } from '../smooth-grad/smooth-grad.js';
import { smallNet, stagesOf, tensor } from '../core/testing.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

// Two images of 1×2 pixels and 2 channels, the second one zero everywhere.
const images = [-4, -2, 0, 4, 0, 0, 0, 0];
it.each([
  { name: 'the gradient', display: displayGradient, expected: [0, 0.25, 0.5, 1] },
  // mean −0.5, standard deviation √8.75
  {
    name: 'guided backpropagation',
    display: displayGuided,
    expected: [-3.5, -1.5, 0.5, 4.5].map((g) => (g / Math.sqrt(8.75)) * 0.1 + 0.5),
  },
  { name: 'deconvolution, which is not clipped', display: displayDeconv, expected: [-0.5, 0, 0.5, 1.5] },
])('of $name, each image by itself, grey where all is zero', ({ display, expected }) => {
  const found = tf.tidy(() => Array.from(display(tf.tensor4d(images, [2, 1, 2, 2])).dataSync()));
  for (const [i, value] of [...expected, 0.5, 0.5, 0.5, 0.5].entries()) expect(found[i]).toBeCloseTo(value, 6);
});

it('guided backpropagation is grey where all values are equal, whatever their mean is rounded to', () => {
  const tenths = Array.from({ length: 21 }, () => 0.1);
  const constant = tf.tidy(() => Array.from(displayGuided(tf.tensor4d(tenths, [1, 7, 3, 1])).dataSync()));
  expect(new Set(constant)).toEqual(new Set([0.5]));
});

it('guided backpropagation clips what is more than five standard deviations off', () => {
  const spikes = [...Array.from({ length: 98 }, () => 0), 1, -1];
  const found = tf.tidy(() => Array.from(displayGuided(tf.tensor4d(spikes, [1, 10, 10, 1])).dataSync()));
  expect([Math.min(...found), Math.max(...found), found[0]]).toEqual([0, 1, 0.5]);
});

it('deconvolution without anything positive is grey', () => {
  expect(tf.tidy(() => Array.from(displayDeconv(tf.tensor4d([-1, 0], [1, 1, 2, 1])).dataSync()))).toEqual([0.5, 0.5]);
});

describe.each<{ id: string; method: Method<never>; of: string; display: typeof displayGradient }>([
  { id: 'saliency', method: saliency as unknown as Method<never>, of: 'gradient', display: displayGradient },
  { id: 'smooth-grad', method: smoothGrad as unknown as Method<never>, of: 'average', display: displayGradient },
  { id: 'deconv', method: deconv as unknown as Method<never>, of: 'gradient', display: displayDeconv },
  { id: 'guided-backprop', method: guidedBackprop as unknown as Method<never>, of: 'gradient', display: displayGuided },
])('$id', ({ id, method, of, display }) => {
  const x = tensor(
    [2, 3, 5, 6],
    Array.from({ length: 180 }, (_, i) => Math.cos(i * 2.3) * (i < 90 ? 1 : 4)),
  );
  const run = (params: object) =>
    stagesOf(method, smallNet(), x, {
      target: { class: [2, 0] },
      params: { ...(id === 'smooth-grad' ? { samples: 2 } : {}), ...params },
    });

  it('gives the stage when asked, before the attribution, and changes no other', async () => {
    const [plain, shown] = [await run({}), await run({ display: true })];
    const { display: found, ...others } = shown;
    expect(others).toEqual(plain);
    expect(Object.keys(shown).slice(-2)).toEqual(['display', 'attribution']);
    const { shape, data } = plain[of]!;
    const expected = tf.tidy(() =>
      Array.from(
        tf
          .transpose(
            display(
              tf.transpose(tf.tensor4d(data as Float32Array, shape as [number, number, number, number]), [0, 2, 3, 1]),
            ),
            [0, 3, 1, 2],
          )
          .dataSync(),
      ),
    );
    expect(found!.shape).toEqual(shape);
    for (const [i, value] of expected.entries()) expect(found!.data[i]).toBeCloseTo(value, 6);
  });
});
