import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Target } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { cam } from '../cam/cam.js';
import { stagesOf, tensor, twoMaps } from './testing.js';
import { targetSeed } from './seed.js';
import {
  asLogits,
  asOutput,
  checkTarget,
  likeliestOf,
  notLinear,
  resolveTarget,
  withClasses,
  type AskedTarget,
  type Heads,
} from './target.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const heads: Heads = [
  { name: 'yaw', size: 2 },
  { name: 'pitch', size: 3 },
  { name: 'roll', size: 2 },
];
const rows = [
  [0.5, -1, 2, 0, -0.25, 1, 1],
  [3, 1, -2, 0.75, 0.5, 100, 99],
];

/** In doubles: Σ over terms of Σᵢ softmax(head)ᵢ·(a·i + b). */
function expectation(
  row: readonly number[],
  terms: readonly { from: number; to: number; a: number; b: number }[],
): number {
  return terms.reduce((sum, { from, to, a, b }) => {
    const exps = row.slice(from, to).map((z) => Math.exp(z - Math.max(...row.slice(from, to))));
    return sum + exps.reduce((inner, e, i) => inner + e * (a * i + b), 0) / exps.reduce((x, y) => x + y, 0);
  }, 0);
}

const seedOf = (target: Target, given: Heads = heads): number[] =>
  tf.tidy(() => Array.from(targetSeed(tf.tensor2d(rows), target, given).dataSync()));

describe('a sum over heads', () => {
  const yaw = { from: 0, to: 2 };
  const pitch = { from: 2, to: 5 };
  it.each<{ target: Target; terms: { from: number; to: number; a: number; b: number }[] }>([
    { target: { sum: [{ head: 'pitch', expectation: '3·i−90' }] }, terms: [{ ...pitch, a: 3, b: -90 }] },
    {
      target: {
        sum: [
          { head: 'yaw', expectation: '−2*i' },
          { head: 'pitch', expectation: '3·i+5' },
        ],
      },
      terms: [
        { ...yaw, a: -2, b: 0 },
        { ...pitch, a: 3, b: 5 },
      ],
    },
    {
      target: {
        sum: [
          { head: 'pitch', expectation: '1·i' },
          { head: 'pitch', expectation: '2·i' },
          { head: 'roll', expectation: '1·i' },
        ],
      },
      terms: [
        { ...pitch, a: 3, b: 0 },
        { from: 5, to: 7, a: 1, b: 0 },
      ],
    },
  ])('has the gradient of the expectations: $target', ({ target, terms }) => {
    const h = 1e-5;
    const expected = rows.flatMap((row) =>
      row.map((_, i) => {
        const moved = (by: number): number =>
          expectation(
            row.map((z, j) => z + (i === j ? by : 0)),
            terms,
          );
        return (moved(h) - moved(-h)) / (2 * h);
      }),
    );
    const found = seedOf(target);
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 4);
  });

  it.each<{ name: string; target: Target; given?: Heads; code: string; message: RegExp; hint: RegExp }>([
    {
      name: 'a head that there is not',
      target: { sum: [{ head: 'pich', expectation: '1·i' }] },
      code: 'bad-input',
      message: /target: unknown head "pich"/,
      hint: /Did you mean "pitch"\?.*yaw, pitch, roll/,
    },
    {
      name: 'a network with one output',
      target: { sum: [{ head: 'yaw', expectation: '1·i' }] },
      given: undefined,
      code: 'bad-input',
      message: /names the head "yaw"; the network has one output and no heads/,
      hint: /heads that the network has/,
    },
    {
      name: 'heads that are not the output',
      target: { sum: [{ head: 'yaw', expectation: '1·i' }] },
      given: [
        { name: 'yaw', size: 2 },
        { name: 'pitch', size: 2 },
      ],
      code: 'bad-network',
      message: /4 outputs in total, but it returns 7/,
      hint: /"heads"/,
    },
  ])('refuses $name', ({ target, code, message, hint, ...rest }) => {
    const given = 'given' in rest ? rest.given : heads;
    const run = () => tf.tidy(() => targetSeed(tf.tensor2d(rows), target, given));
    expect(run).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(hint) as string,
      }),
    );
  });

  it('is not a target of CAM', async () => {
    const target = { sum: [{ head: 'yaw', expectation: '1·i' }] };
    await expect(stagesOf(cam, twoMaps(), tensor([1, 1, 2, 2], [1, 2, 3, 6]), { target })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('expectation of a head') as string,
    });
  });
});

it.each<{ target: Target; row: number[] }>([
  { target: { class: [1, 6] }, row: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] },
  { target: { weights: [1, 0, -2, 0, 0, 0, 3] }, row: [1, 0, -2, 0, 0, 0, 3, 1, 0, -2, 0, 0, 0, 3] },
])('$target counts over all outputs, heads or not', ({ target, row }) => {
  expect(seedOf(target)).toEqual(row);
});

it.each<[string, Target, RegExp]>([
  ['a class below 0', { class: -1 }, /^target is class -1; the network has classes 0 to 6$/],
  ['a class above the last', { class: [0, 7] }, /^target is class 7;/],
  ['half a class', { class: 1.5 }, /^target is class 1\.5;/],
  ['too few weights', { weights: [1] }, /^target has 1 weights; the network has 7 outputs$/],
  ['a weight of NaN', { weights: [1, 0, NaN, 0, 0, 0, 0] }, /^target has a weight that is NaN or ±∞$/],
])('%s is refused', (_, target, message) => {
  const refused = { code: 'bad-input', message: expect.stringMatching(message) as string };
  expect(() => seedOf(target)).toThrow(expect.objectContaining(refused));
});

it('one class per image needs as many images', () => {
  expect(() => checkTarget({ class: [1, 2] }, 3)).toThrow('target names 2 classes for 3 images');
  for (const target of ['likeliest', { class: [1, 2, 0] }, { class: 1 }, { weights: [1] }] as const)
    expect(() => checkTarget(target as Target, 3)).not.toThrow();
});

it('the likeliest class is the first of equals, and the first where all are NaN', () => {
  expect(likeliestOf(tensor([3, 3], [1, 2, 2, 0, -1, 0, NaN, NaN, NaN]))).toEqual({ class: [1, 0, 0] });
  expect(likeliestOf(tensor([1, 3], [1, 2, 5]))).toEqual({ class: 2 });
});

it('logits are rows of scores', () => {
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: 'bad-network', message: expect.stringMatching(message) as string }) as Error;
  const rowsOf = tf.tensor2d([[1, 2]]);
  expect(asLogits(rowsOf)).toBe(rowsOf);
  expect(asOutput(rowsOf)).toBe(rowsOf);
  const maps = tf.zeros([1, 2, 2, 3]);
  expect(asOutput(maps)).toBe(maps);
  expect(() => asLogits(maps)).toThrow(refused(/4 dimensions; this needs scores \[images, classes\]$/));
  expect(() => asOutput(tf.tensor1d([1]))).toThrow(refused(/1 dimensions; a target is a function of scores/));
});

it('maps have no likeliest class', async () => {
  await expect(resolveTarget('likeliest', () => tf.zeros<tf.Rank.R4>([2, 4, 5, 3]))).rejects.toMatchObject({
    code: 'bad-input',
    message: 'the network returns maps, [2,3,4,5], and the target names no class',
    hint: expect.stringContaining('"region":"argmax"') as string,
  });
});

it('what is linear in one row of scores', () => {
  for (const target of ['likeliest', { class: 1 }, { class: 1, of: 'logit', head: 'yaw' }, { weights: [1] }] as const)
    expect(notLinear(target as AskedTarget)).toBeUndefined();
  expect(notLinear({ class: 1, of: 'probability' })).toBe('a probability');
  expect(notLinear({ similarity: [1] })).toBe('a similarity');
  expect(notLinear({ weights: [1], pixel: [0, 0] })).toBe('a place in a map');
});

it('one class per image becomes others, and all else of the target stays', () => {
  const first = (classes: readonly number[]) => classes.slice(0, 1);
  expect(withClasses({ class: [4, 5], region: 'argmax' }, first)).toEqual({ class: [4], region: 'argmax' });
  expect(withClasses({ class: 4, pixel: [0, 1] }, first)).toEqual({ class: 4, pixel: [0, 1] });
});
