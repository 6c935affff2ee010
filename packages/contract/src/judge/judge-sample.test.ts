import { describe, expect, it } from 'vitest';
import type { HostTensor } from '../domain/index.js';
import { judgeSample } from './judge-sample.js';
import { describeMismatch } from './describe-mismatch.js';
import { sample, valuesIn } from '../tensor/sampling.js';

const shape = [2, 3, 4, 5];
const sampling = { shape, every: 7 };
const exact = { e2: 0, eMax: 0 };
const whole: HostTensor = {
  shape,
  data: Float64Array.from({ length: valuesIn(shape) }, (_, i) => Math.sin(i * i) + 2),
};
const golden = sample(whole, sampling);
const changed = (at: number, value: number): HostTensor => ({
  shape,
  data: whole.data.map((old, i) => (i === at ? value : old)),
});
const judge = (actual: HostTensor, alternatives: HostTensor[] = []) =>
  judgeSample(actual, golden, exact, alternatives, sampling);

it('a sample holds the values at 0, n, 2n, …, the last ones included', () => {
  expect(golden.shape).toEqual([18]); // ⌈120/7⌉
  expect([...golden.data]).toEqual(Array.from({ length: 18 }, (_, i) => whole.data[7 * i]));
  expect(sample({ shape: [3], data: Float32Array.of(1, 2, 3) }, { shape: [3], every: 2 })).toEqual({
    shape: [2],
    data: Float32Array.of(1, 3),
  });
});

describe('of a sampled stage', () => {
  it('the right answer passes', () => expect(judge(whole)).toMatchObject({ check: null, e2: 0, mismatch: null }));

  it.each([
    [
      'another shape with the same values',
      { shape: [2, 3, 5, 4], data: whole.data },
      'shape',
      /^shape \[2,3,5,4\], golden \[2,3,4,5\]$/,
    ],
    ['nothing but the sample', golden, 'shape', /^shape \[18\], golden \[2,3,4,5\]$/],
    [
      'NaN where nothing is kept',
      changed(8, NaN),
      'non-finite',
      /^1 of 120 values .* first at \[0,0,1,3\]: got NaN, golden is a number$/,
    ],
    ['NaN in the first value', changed(0, NaN), 'non-finite', /first at \[0,0,0,0\]: got NaN, golden 2\.000$/],
    [
      '∞ where something is kept',
      changed(14, Infinity),
      'non-finite',
      /first at \[0,0,2,4\]: got Infinity, golden 2\.94/,
    ],
    // 77 = ((1·3 + 0)·4 + 3)·5 + 2
    [
      'a value that is kept',
      changed(77, 9),
      'e2',
      /^1 of 18 \(of 120\) values differ; worst at \[1,0,3,2\]: got 9\.000, golden/,
    ],
    ['all zeros', { shape, data: whole.data.map(() => 0) }, 'e2', /^18 of 18 \(of 120\) values differ/],
  ])('%s is refused', (_, actual, check, text) => {
    const judgement = judge(actual);
    expect(judgement).toMatchObject({ check, flips: [] });
    expect(judgement.ratio).toBeGreaterThan(1);
    expect(describeMismatch(judgement).join('\n')).toMatch(text);
  });

  it('a stored alternative explains it', () => {
    const other = changed(21, 5);
    expect(judge(other).check).toBe('e2');
    expect(judge(other, [sample(other, sampling)])).toMatchObject({ check: null, flips: [0] });
  });
});
