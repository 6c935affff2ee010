import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { Random, type Target } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { targetSeed } from './seed.js';
import type { Heads } from './target.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const heads: Heads = [
  { name: 'yaw', size: 2 },
  { name: 'pitch', size: 3 },
];
const random = new Random(7, 'seeds');
const drawn = (count: number) => Array.from({ length: count }, () => random.integer(-12, 12) / 8);
const row = { shape: [2, 5], data: drawn(10) };
/** [N,h,w,K] */
const maps = { shape: [2, 3, 4, 5], data: drawn(120) };
type Scores = typeof row;
const outputOf = ({ data, shape }: Scores) => tf.tensor(data, shape as tf.Tensor4D['shape']) as tf.Tensor4D;

/** In doubles, from the definition: f of each pixel's scores, added up over the pixels that count. */
function valueOf({ shape, data }: Scores, target: Target, given: Heads): number {
  const [images, h, w, classes] =
    shape.length === 2 ? [shape[0]!, 1, 1, shape[1]!] : (shape as [number, number, number, number]);
  let total = 0;
  for (let n = 0; n < images; n++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) {
        const at = ((n * h + y) * w + x) * classes;
        total += scoreOf(data.slice(at, at + classes), target, given, [n, y, x]);
      }
  return total;
}

function scoreOf(all: readonly number[], target: Target, given: Heads, [n, y, x]: readonly number[]): number {
  if ('sum' in target) throw new Error('has its own test');
  const before = given?.slice(
    0,
    given.findIndex(({ name }) => name === target.head),
  );
  const from = target.head === undefined ? 0 : before!.reduce((sum, { size }) => sum + size, 0);
  const size = target.head === undefined ? all.length : given!.find(({ name }) => name === target.head)!.size;
  const z = all.slice(from, from + size);
  if ('similarity' in target) {
    const v = target.similarity;
    return z.reduce((sum, value, k) => sum + value * v[k]!, 0) / Math.hypot(...z) / Math.hypot(...v);
  }
  const c = 'class' in target ? [target.class].flat().at(Array.isArray(target.class) ? n! : 0)! : 0;
  const { region, pixel } = target;
  if (pixel !== undefined && (pixel[0] !== y || pixel[1] !== x)) return 0;
  if (region === 'argmax' && z.indexOf(Math.max(...z)) !== c) return 0;
  if (Array.isArray(region) && (y! < region[0] || x! < region[1] || y! >= region[2] || x! >= region[3])) return 0;
  if ('weights' in target) return z.reduce((sum, value, k) => sum + value * target.weights[k]!, 0);
  const log = z[c]! - Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0));
  return { logit: z[c]!, probability: Math.exp(log), 'log-probability': log }[target.of ?? 'logit'];
}

describe('the seed is the gradient of the target, by finite differences', () => {
  const cases: [Target, Heads?][] = [
    [{ class: 3 }],
    [{ class: [4, 0], of: 'probability' }],
    [{ class: [4, 0], of: 'log-probability' }],
    [{ class: [2, 1], head: 'pitch' }, heads],
    [{ class: 1, head: 'yaw', of: 'probability' }, heads],
    [{ weights: [1, -2, 0.5], head: 'pitch' }, heads],
  ];
  const ofRows: [Target, Heads?][] = [
    [{ similarity: [1, 0, -2, 0.5, 3] }],
    [{ similarity: [1, -2], head: 'yaw' }, heads],
  ];
  const ofMaps: [Target, Heads?][] = [
    [{ class: 3, pixel: [2, 1] }],
    [{ class: [3, 1], region: [1, 0, 3, 2], of: 'probability' }],
    [{ class: [3, 1], region: 'argmax' }],
    [{ class: 2, region: 'argmax', of: 'log-probability' }],
    [{ class: 1, region: 'argmax', head: 'pitch' }, heads],
    [{ weights: [1, 0, 0, -1, 2], region: [0, 3, 3, 4] }],
  ];
  const all: [string, Scores, Target, Heads?][] = [
    ...cases.concat(ofRows).map(([target, given]): [string, Scores, Target, Heads?] => ['rows', row, target, given]),
    ...cases.concat(ofMaps).map(([target, given]): [string, Scores, Target, Heads?] => ['maps', maps, target, given]),
  ];
  it.each(all)('of %s, %o %j', (_, scores, target, given) => {
    const seed = tf.tidy(() => {
      const found = targetSeed(outputOf(scores), target, given);
      expect(found.shape).toEqual(scores.shape);
      return Array.from(found.dataSync());
    });
    const h = 1e-4;
    const moved = (i: number, by: number) => scores.data.map((value, j) => value + (i === j ? by : 0));
    const slopes = scores.data.map((_value, i) => {
      const at = (by: number) => valueOf({ ...scores, data: moved(i, by) }, target, given);
      return (at(h) - at(-h)) / (2 * h);
    });
    expect(seed.filter((value) => value !== 0).length).toBeGreaterThan(0);
    for (const [i, slope] of slopes.entries()) expect(seed[i], `value ${i}`).toBeCloseTo(slope, 4);
  });
});

it('of equal scores the first is the likeliest', () => {
  const equal: tf.Tensor4D = tf.zeros([1, 1, 2, 2]);
  const seedOf = (index: number) =>
    Array.from(tf.tidy(() => targetSeed(equal, { class: index, region: 'argmax' })).dataSync());
  expect([seedOf(0), seedOf(1)]).toEqual([
    [1, 0, 1, 0],
    [0, 0, 0, 0],
  ]);
});

it('an embedding of zeros has a finite gradient', () => {
  const seed = tf.tidy(() => targetSeed(tf.zeros<tf.Rank.R2>([1, 2]), { similarity: [3, 4] }).dataSync());
  for (const value of seed) expect(Number.isFinite(value)).toBe(true);
});

it.each<[string, Target, 'rows' | 'maps', Heads, RegExp]>([
  ['a pixel of rows', { class: 0, pixel: [0, 0] }, 'rows', undefined, /has a pixel, but .* one row of scores/],
  ['a region of rows', { class: 0, region: 'argmax' }, 'rows', undefined, /has a region, but .* one row of scores/],
  ['a pixel below the last row', { class: 0, pixel: [3, 0] }, 'maps', undefined, /pixel \[3,0\].*3 rows and 4 columns/],
  ['a region that is too wide', { weights: [1, 1, 1, 1, 1], region: [0, 0, 3, 5] }, 'maps', undefined, /0,0,3,5/],
  ['a similarity to maps', { similarity: [1, 1, 1, 1, 1] }, 'maps', undefined, /"similarity" needs a row/],
  ['a sum of maps', { sum: [{ head: 'yaw', expectation: '1·i' }] }, 'maps', heads, /"sum" needs a row/],
  ['a vector that is too short', { similarity: [1] }, 'rows', undefined, /vector of 1 values; the network returns 5/],
  ['a vector of zeros', { similarity: [0, 0, 0, 0, 0] }, 'rows', undefined, /norm is 0/],
  ['a head where there are none', { class: 0, head: 'yaw' }, 'rows', undefined, /names the head "yaw"; .* no heads/],
  ['an unknown head', { class: 0, head: 'yam' }, 'rows', heads, /unknown head "yam"/],
  ['a class of a smaller head', { class: 2, head: 'yaw' }, 'rows', heads, /class 2; the network has classes 0 to 1/],
  ['the probability of no head', { class: 0, of: 'probability' }, 'rows', heads, /"of": "probability" but no head/],
  ['the likeliest of no head', { class: 0, region: 'argmax' }, 'maps', heads, /"region": "argmax" but no head/],
])('%s is refused', (_, target, of, given, message) => {
  const scores = of === 'rows' ? row : maps;
  const before = tf.memory().numTensors;
  expect(() => tf.tidy(() => targetSeed(outputOf(scores), target, given))).toThrow(
    expect.objectContaining({ code: 'bad-input', message: expect.stringMatching(message) as string }),
  );
  expect(tf.memory().numTensors).toBe(before);
});

it('the probability of a single score is refused', () => {
  const one: tf.Tensor2D = tf.zeros([1, 1]);
  expect(() => targetSeed(one, { class: 0, of: 'probability' })).toThrow('there is one score');
});
