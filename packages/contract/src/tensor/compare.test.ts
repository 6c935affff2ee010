import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareTensors, sameBits } from './compare.js';
import type { HostTensor } from '../domain/index.js';

const vector = (...values: number[]): HostTensor => ({ shape: [values.length], data: Float64Array.from(values) });
/** e2 and eMax of [x…] against [r…]. */
const errors = (x: number[], r: number[]): [number, number] => {
  const { e2, eMax } = compareTensors(vector(...x), vector(...r));
  return [e2, eMax];
};

describe('compareTensors', () => {
  it('is ‖x−r‖₂/‖r‖₂ and max|x−r|/max|r|', () => {
    expect(errors([3, 4.5], [3, 4])).toEqual([0.1, 0.125]);
    expect(errors([-3, 4], [3, 4])).toEqual([6 / 5, 6 / 4]);
  });

  it.each([1e300, 1e-300, 5e-324 * 2 ** 20])('neither overflows nor underflows at %d', (size) => {
    const [e2, eMax] = errors([3 * size, 5 * size], [3 * size, 4 * size]);
    expect(e2).toBeCloseTo(0.2, 6);
    expect(eMax).toBeCloseTo(0.25, 6);
  });

  it('is infinite rather than NaN where the difference itself overflows', () => {
    expect(errors([1e300], [1e-300])).toEqual([Infinity, Infinity]);
    expect(errors([1.7e308], [-1.7e308])).toEqual([2, 2]);
  });

  it('of zero: 0 from zero, Infinity from all else', () => {
    expect(errors([0, -0], [0, 0])).toEqual([0, 0]);
    expect(errors([0, 1e-300], [0, 0])).toEqual([Infinity, Infinity]);
    expect(errors([], [])).toEqual([0, 0]);
  });

  it.each<[string, number[], number[]]>([
    ['NaN for a number', [1, NaN], [1, 2]],
    ['a number for NaN', [1, 2], [1, NaN]],
    ['NaN for ∞', [1, NaN], [1, Infinity]],
    ['−∞ for ∞', [1, -Infinity], [1, Infinity]],
    ['all NaN', [NaN, NaN], [1, 2]],
  ])('refuses %s', (_, x, r) => {
    expect(compareTensors(vector(...x), vector(...r))).toMatchObject({
      check: 'non-finite',
      e2: Infinity,
      eMax: Infinity,
    });
  });

  it('measures the finite values next to NaN and ∞ that agree', () => {
    expect(errors([NaN, Infinity, -Infinity, 5], [NaN, Infinity, -Infinity, 4])).toEqual([0.25, 0.25]);
    expect(errors([NaN, NaN], [NaN, NaN])).toEqual([0, 0]);
  });

  it('names the place of the worst value in all dimensions', () => {
    const golden: HostTensor = { shape: [2, 3, 2], data: new Float32Array(12).fill(1) };
    const actual: HostTensor = { shape: [2, 3, 2], data: Float32Array.from(golden.data, (v, i) => (i === 9 ? 3 : v)) };
    expect(compareTensors(actual, golden).worst).toEqual({ index: [1, 1, 1], got: 3, golden: 1 });
  });

  it('refuses another shape with the same values, and data that do not fill the shape', () => {
    const data = Float32Array.of(1, 2, 3, 4);
    expect(compareTensors({ shape: [4], data }, { shape: [2, 2], data }).check).toBe('shape');
    expect(compareTensors({ shape: [4], data: data.subarray(1) }, { shape: [4], data }).check).toBe('shape');
  });

  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 });
  const pairs = values.chain((r) =>
    fc.tuple(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: r.length, maxLength: r.length }),
      fc.constant(r),
    ),
  );

  it('does not change with scale, sign or order', () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: -900, max: 900 }), ([x, r], exponent) => {
        fc.pre(r.some((v) => Math.abs(v) > 1e-3));
        const [e2, eMax] = errors(x, r);
        const s = 2 ** exponent;
        const close = ([a, b]: [number, number]): void => {
          expect(Math.abs(a - e2)).toBeLessThanOrEqual(1e-12 * e2);
          expect(Math.abs(b - eMax)).toBeLessThanOrEqual(1e-12 * eMax);
        };
        close(
          errors(
            x.map((v) => v * s),
            r.map((v) => v * s),
          ),
        );
        close(
          errors(
            x.map((v) => -v),
            r.map((v) => -v),
          ),
        );
        close(errors(x.toReversed(), r.toReversed()));
      }),
    );
  });

  it('is zero from itself only, and the difference is as large from either side', () => {
    fc.assert(
      fc.property(pairs, ([x, r]) => {
        expect(errors(r, r)).toEqual([0, 0]);
        const [e2, eMax] = errors(x, r);
        if (x.some((v, i) => v !== r[i])) expect(eMax).toBeGreaterThan(0);
        const norm = (v: number[]): number => Math.hypot(...v);
        const [back] = errors(r, x);
        if (norm(x) > 1e-3 && norm(r) > 1e-3)
          expect(Math.abs(back * norm(x) - e2 * norm(r))).toBeLessThanOrEqual(1e-9 * (1 + e2 * norm(r)));
      }),
    );
  });
});

describe('sameBits', () => {
  it.each<[boolean, HostTensor, HostTensor]>([
    [true, vector(1, NaN, -0), vector(1, NaN, -0)],
    [false, vector(0), vector(-0)],
    [false, vector(1), vector(1 + 2 ** -52)],
    [false, vector(1), { shape: [1, 1], data: Float64Array.of(1) }],
  ])('%s', (same, first, second) => expect(sameBits(first, second)).toBe(same));
});
