import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostTensor } from '../domain/index.js';
import { judgeStage } from './judge-stage.js';
import { describeMismatch } from './describe-mismatch.js';
import { allowance } from './tolerance.js';

const roundoff = 2 ** -24;
const exact = { e2: 0, eMax: 0 };
const shape = [1, 1, 4, 4];
const map = (value: (row: number, column: number) => number, size: readonly number[] = shape): HostTensor => ({
  shape: size,
  data: Float64Array.from({ length: 16 }, (_, i) => value(Math.floor(i / 4), i % 4)),
});
const golden = map((row, column) => Math.sin(3 * row + column) + row / 5);

describe('allowance', () => {
  it('is 16 times the reference error, at least 32 roundoffs; 4 times as much for the largest', () => {
    expect(allowance(exact)).toEqual({ e2: 32 * roundoff, eMax: 128 * roundoff });
    expect(allowance({ e2: 1e-3, eMax: 1e-2 })).toEqual({ e2: 16e-3, eMax: 0.64 });
    const float16 = allowance({ e2: 1e-6, eMax: 1e-6 }, 'float16');
    expect(float16).toEqual({ e2: 16 * 8192 * 1e-6, eMax: 4 * 16 * 8192 * 1e-6 });
  });

  it('passes exactly at the bound, with ratio 1', () => {
    const one = { shape: [1], data: Float64Array.of(1) };
    const atE2 = { shape: [1], data: Float64Array.of(1 + 32 * roundoff) };
    expect(judgeStage(atE2, one, exact)).toMatchObject({ check: null, ratio: 1 });
    const ones = { shape: [100], data: new Float64Array(100).fill(1) };
    const atEMax = { shape: [100], data: ones.data.map((v, i) => (i === 7 ? v + 128 * roundoff : v)) };
    expect(judgeStage(atEMax, ones, exact)).toMatchObject({ check: null, ratio: 1 });
  });

  it('passes just below and fails just above', () => {
    const moved = (factor: number): HostTensor =>
      map((row, column) => golden.data[row * 4 + column]! * (1 + factor * roundoff));
    expect(judgeStage(moved(31.9), golden, exact)).toMatchObject({ check: null, ratio: expect.closeTo(31.9 / 32, 4) });
    expect(judgeStage(moved(32.1), golden, exact).check).toBe('e2');
  });

  it('lets nothing pass where the reference error is not a number', () => {
    expect(
      judgeStage(
        map(() => 1),
        golden,
        { e2: NaN, eMax: NaN },
      ).check,
    ).toBe('e2');
  });
});

describe('judgeStage rejects', () => {
  const nhwc = { shape: [1, 4, 4, 1], data: golden.data };
  const channels: HostTensor = { shape: [1, 2, 2, 4], data: golden.data };
  const swapped: HostTensor = {
    shape: [1, 2, 2, 4],
    data: Float64Array.from(golden.data, (_, i) => golden.data[(i % 2) * 8 + Math.floor(i / 2)]!),
  };
  const cases: [string, HostTensor, string, HostTensor?][] = [
    ['a transposed map', map((row, column) => golden.data[column * 4 + row]!), 'e2'],
    ['one NaN', map((row, column) => (row + column === 0 ? NaN : golden.data[row * 4 + column]!)), 'non-finite'],
    ['all zeros', map(() => 0), 'e2'],
    ['all NaN', map(() => NaN), 'non-finite'],
    ['the layout in the shape', nhwc, 'shape'],
    ['the layout in the values', swapped, 'e2', channels],
    ['a factor of 1.0001', map((row, column) => golden.data[row * 4 + column]! * 1.0001), 'e2'],
    ['zero answered by something', map(() => 1e-30), 'e2', map(() => 0)],
  ];
  it.each(cases)('%s', (_, actual, check, against = golden) => {
    const judgement = judgeStage(actual, against, exact);
    expect(judgement).toMatchObject({ check, flips: [] });
    expect(judgement.ratio).toBeGreaterThan(1);
    expect(judgement.mismatch!.differing).toBeGreaterThan(0);
    expect(describeMismatch(judgement).length).toBeGreaterThan(0);
  });

  it('one large error among many values, by eMax alone', () => {
    const flat = { shape: [40_000], data: new Float64Array(40_000).fill(2) };
    const spike = { shape: [40_000], data: flat.data.map((v, i) => (i === 7 ? v + 260 * roundoff : v)) };
    const judgement = judgeStage(spike, flat, exact);
    expect(judgement).toMatchObject({
      check: 'eMax',
      ratio: 130 / 128,
      mismatch: { differing: 1, worst: { index: [7] }, elementAllowed: 256 * roundoff },
    });
    expect(judgement.e2).toBeLessThan(roundoff);
    expect(describeMismatch(judgement)[1]).toBe('eMax is 7.7e-6, allowed 7.6e-6 (1 times too far)');
    expect(judgeStage(spike, flat, exact, [spike])).toMatchObject({ check: null, flips: [0] });
  });

  it.each<[string, number[], number[], number, number]>([
    ['NaN and ∞ that disagree, not those that agree nor other numbers', [NaN, NaN, 3], [NaN, 1, 2], 1, 0],
    ['numbers next to NaN and ∞ that agree', [NaN, Infinity, 5, 4], [NaN, Infinity, 4, 4], 1, 4 * 32 * roundoff],
    ['none of the zeros that agree', [1, 0], [0, 0], 1, 0],
  ])('counting %s', (_, got, wanted, differing, elementAllowed) => {
    const vector = (values: number[]): HostTensor => ({ shape: [values.length], data: Float64Array.from(values) });
    expect(judgeStage(vector(got), vector(wanted), exact).mismatch).toMatchObject({ differing, elementAllowed });
  });
});

describe('judgeStage with alternatives', () => {
  const flip = (at: number, by: number): HostTensor =>
    map((row, column) => golden.data[row * 4 + column]! + (row * 4 + column === at ? by : 0));
  const alternatives = [flip(0, 0.5), flip(3, -0.25), flip(9, 0.125)];

  it('explains an answer by the smallest set of flips', () => {
    expect(judgeStage(golden, golden, exact, alternatives)).toMatchObject({ check: null, flips: [] });
    expect(judgeStage(alternatives[1]!, golden, exact, alternatives)).toMatchObject({ check: null, flips: [1] });
    const both = map((row, column) => alternatives[0]!.data[row * 4 + column]! + (row * 4 + column === 9 ? 0.125 : 0));
    expect(judgeStage(both, golden, exact, alternatives)).toMatchObject({ check: null, flips: [0, 2], e2: 0 });
  });

  it('explains neither half a flip nor a flip with another fault, and keeps the bound of the golden', () => {
    expect(judgeStage(flip(0, 0.25), golden, exact, alternatives).check).toBe('e2');
    const scaled = map((row, column) => alternatives[0]!.data[row * 4 + column]! * 1.0001);
    expect(judgeStage(scaled, golden, exact, alternatives).check).toBe('e2');
    expect(
      judgeStage(
        map(() => NaN),
        golden,
        exact,
        alternatives,
      ).check,
    ).toBe('non-finite');
  });

  it('prefers one flip to two that sum to the same, and takes 8 of them', () => {
    const sum = map((row, column) => alternatives[0]!.data[row * 4 + column]! + (row * 4 + column === 3 ? -0.25 : 0));
    const eight = [...alternatives.slice(0, 2), sum, ...Array.from({ length: 5 }, (_, i) => flip(i + 10, 1))];
    expect(judgeStage(sum, golden, exact, eight)).toMatchObject({ check: null, flips: [2] });
  });

  it('refuses alternatives of another size, and more than 8', () => {
    expect(() =>
      judgeStage(
        map(() => 0),
        golden,
        exact,
        [{ shape: [1], data: Float64Array.of(1) }],
      ),
    ).toThrow(/another size/);
    expect(() =>
      judgeStage(
        map(() => 0),
        golden,
        exact,
        Array.from({ length: 9 }, () => golden),
      ),
    ).toThrow(/at most 8/);
  });

  it('any subset of flips is recognised', () => {
    fc.assert(
      fc.property(fc.subarray([0, 1, 2]), (chosen) => {
        const sum = map((row, column) =>
          chosen.reduce(
            (v, k) => v + alternatives[k]!.data[row * 4 + column]! - golden.data[row * 4 + column]!,
            golden.data[row * 4 + column]!,
          ),
        );
        expect(judgeStage(sum, golden, exact, alternatives).flips).toEqual(chosen);
      }),
    );
  });
});

describe('describeMismatch', () => {
  const against = { shape: [1, 4], data: Float32Array.of(0.012, 0.1, 0.2, 0.3) };
  const of = (...values: number[]): string[] =>
    describeMismatch(judgeStage({ shape: [1, values.length], data: Float32Array.from(values) }, against, exact));
  it.each<[string, number[], string[]]>([
    ['nothing when passed', [0.012, 0.1, 0.2, 0.3], []],
    [
      'values',
      [0.01231, 0.1, 0.2, 0.3],
      [
        '1 of 4 values differ; worst at [0,0]: got 0.01231, golden 0.01200, allowed 3.6e-7',
        'e2 is 8.3e-4, allowed 1.9e-6 (430 times too far)',
      ],
    ],
    [
      'as many digits as needed',
      [0.012, 0.1, 0.2, 0.300_001],
      [
        '1 of 4 values differ; worst at [0,3]: got 0.300001, golden 0.300000, allowed 3.6e-7',
        'e2 is 2.6e-6, allowed 1.9e-6 (1.4 times too far)',
      ],
    ],
    [
      'NaN',
      [0.012, NaN, NaN, 0.3],
      ['2 of 4 values disagree in being NaN or ±∞; first at [0,1]: got NaN, golden 0.1000'],
    ],
    ['the shape', [1, 2], ['shape [1,2], golden [1,4]']],
  ])('%s', (_, values, lines) => expect(of(...values)).toEqual(lines));

  it('says ∞ where the golden is zero', () => {
    const zero = { shape: [2], data: Float64Array.of(0, 0) };
    expect(describeMismatch(judgeStage({ shape: [2], data: Float64Array.of(0, 1) }, zero, exact))).toEqual([
      '1 of 2 values differ; worst at [1]: got 1.000, golden 0, allowed 0',
      'e2 is ∞, allowed 1.9e-6 (∞ times too far)',
    ]);
  });

  it('stays short whatever the shape', () => {
    const many = Array.from({ length: 500 }, () => 1);
    const lines = describeMismatch(
      judgeStage({ shape: many, data: Float64Array.of(2) }, { shape: many, data: Float64Array.of(1) }, exact),
    );
    expect(lines.join('\n').length).toBeLessThan(300);
    expect(lines[0]).toContain('worst at [0,0,0,0,0,0,0,0,…]: got');
    const eight = { shape: many.slice(0, 8), data: Float64Array.of(1) };
    const [line] = describeMismatch(judgeStage({ ...eight, data: Float64Array.of(2) }, eight, exact));
    expect(line).toContain('worst at [0,0,0,0,0,0,0,0]: got');
  });
});
