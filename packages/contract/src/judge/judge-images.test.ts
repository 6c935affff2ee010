/** Images of one batch whose values differ a millionfold: each is judged on its own. */
import { describe, expect, it } from 'vitest';
import { compareImages } from '../tensor/compare-images.js';
import type { HostTensor } from '../domain/index.js';
import { describeMismatch } from './describe-mismatch.js';
import { judgeImages } from './judge-images.js';
import { judgeStage } from './judge-stage.js';

const exact = { e2: 0, eMax: 0 };
const tiny = 2 ** -30;
const batch = (first: number[], second: number[]): HostTensor => ({
  shape: [2, 1, 1, 3],
  data: Float64Array.from([...first, ...second]),
});
const [large, small] = [
  [1, 2, 3],
  [tiny, -tiny, 2 * tiny],
];
const golden = batch(large, small);

describe('a batch', () => {
  it('is wrong where one image is, however large the others are', () => {
    const wrong = batch(large, [0, 0, 0]);
    expect(judgeStage(wrong, golden, exact).check).toBeNull();
    const judgement = judgeImages(wrong, golden, exact);
    expect(judgement).toMatchObject({ check: 'e2', e2: 1, mismatch: { image: 1, differing: 3, total: 3 } });
    expect(judgement.mismatch!.worst).toEqual({ index: [1, 0, 0, 2], got: 0, golden: 2 * tiny });
    expect(describeMismatch(judgement)[0]).toMatch(/^3 of 3 values of image 1 differ; worst at \[1,0,0,2\]/);
    expect(compareImages(wrong, golden)).toEqual({
      check: null,
      e2: 1,
      eMax: 1,
      worst: { index: [1, 0, 0, 2], got: 0, golden: 2 * tiny },
    });
  });

  it('is right where every image is, with the ratio of the worst', () => {
    const near = batch(large, [tiny, -tiny, 2 * tiny * (1 + 2 ** -22)]);
    const { check, ratio } = judgeImages(near, golden, exact);
    expect([check, ratio]).toEqual([null, expect.closeTo(Math.sqrt(2 / 3) / 8, 6)]);
    expect(judgeImages(golden, golden, exact)).toMatchObject({ check: null, e2: 0, flips: [] });
  });

  it('has a flip for each image', () => {
    const flips = [batch([1, 2, 4], small), batch(large, [tiny, -tiny, 0])];
    expect(judgeImages(batch([1, 2, 4], [tiny, -tiny, 0]), golden, exact, flips)).toMatchObject({
      check: null,
      flips: [0, 1],
    });
  });

  it('is first wrong where a value is not finite, and where its shape is another', () => {
    expect(judgeImages(batch([9, 9, 9], [NaN, 0, 0]), golden, exact)).toMatchObject({
      check: 'non-finite',
      mismatch: { image: 1 },
    });
    expect(judgeImages({ ...golden, shape: [1, 2, 1, 3] }, golden, exact).check).toBe('shape');
  });
});
