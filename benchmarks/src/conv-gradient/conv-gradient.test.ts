import { findBackend } from '@touchstone/backends';
import { parseNetwork } from '@touchstone/network';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { assertSame } from './conv-gradient.js';
import { variants } from './variants.js';
import { noiseImages, vgg, vgg11, type Plan } from './vgg.js';

const plan: Plan = [4, 'pool', 6, 8, 'pool'];

describe.each(['cpu', 'wasm'])('the two variants on %s', (backend) => {
  beforeAll(() => findBackend(backend).open());

  it('give the same gradient, which is not zero, and the same again', () => {
    const { ours, stock, dispose } = variants(plan, vgg('tiny', plan, 8), noiseImages(2, 8));
    const first = ours();
    expect(first).toHaveLength(2 * 8 * 8 * 3);
    expect(first.filter((value) => value !== 0).length).toBeGreaterThan(first.length / 4);
    expect(() => assertSame(first, stock())).not.toThrow();
    expect(ours()).toEqual(first);
    dispose();
  });

  it('leave no tensor', () => {
    const before = tf.memory().numTensors;
    const { ours, stock, dispose } = variants(plan, vgg('tiny', plan, 8), noiseImages(1, 8));
    ours();
    stock();
    dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it.each([
  { name: 'a wrong number', ours: [1, 2, 3], stock: [1, 2, 3.1] },
  { name: 'a NaN', ours: [1, NaN, 3], stock: [1, 2, 3] },
  { name: 'a NaN on the other side', ours: [1, 2, 3], stock: [1, NaN, 3] },
  { name: 'zeros for numbers', ours: [0, 0, 0], stock: [1e-9, 2e-9, 3e-9] },
])('no time is measured where the variants differ: $name', ({ ours, stock }) => {
  expect(() => assertSame(Float32Array.from(ours), Float32Array.from(stock))).toThrow(
    expect.objectContaining({ code: 'internal' }),
  );
});

it('VGG-11 is a valid network description with eight convolutions', () => {
  // With an eighth of the channels, because its weights are drawn.
  const { description } = vgg(
    'vgg11-64',
    vgg11.map((step) => (step === 'pool' ? step : step / 8)),
    64,
  );
  expect(() => parseNetwork(description, 'vgg11-64')).not.toThrow();
  expect(
    Object.values(description.modules).filter((module) => 'attributes' in module && module.type === 'Conv2d'),
  ).toHaveLength(8);
});

it('weights and images are the same every time', () => {
  expect(vgg('tiny', plan, 8)).toEqual(vgg('tiny', plan, 8));
  expect(noiseImages(2, 8)).toEqual(noiseImages(2, 8));
});
