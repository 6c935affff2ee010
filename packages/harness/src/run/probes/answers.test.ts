import { describe, expect, it } from 'vitest';
import type { ProbeAnswer } from '@touchstone/network';
import { agree, AnswerJson, answerToJson } from './answers.js';

const row = (...values: number[]): ProbeAnswer => ({ shape: [values.length], data: Float64Array.from(values) });

describe('agree', () => {
  it.each<{ name: string; a: ProbeAnswer; b: ProbeAnswer; agrees: boolean }>([
    { name: 'equal values', a: row(1, 0), b: row(1, 0), agrees: true },
    { name: 'a rounding of the largest', a: row(1, 5e-7), b: row(1, 0), agrees: true },
    { name: 'more than a rounding', a: row(1, 2e-6), b: row(1, 0), agrees: false },
    { name: 'NaN in the same place', a: row(NaN, 1), b: row(NaN, 1), agrees: true },
    { name: 'NaN in place of a zero', a: row(NaN, 1), b: row(0, 1), agrees: false },
    { name: 'NaN in place of ∞', a: row(NaN, 1), b: row(Infinity, 1), agrees: false },
    { name: 'a zero in place of NaN', a: row(0, 0), b: row(0, NaN), agrees: false },
    { name: 'the signs of ∞', a: row(Infinity), b: row(-Infinity), agrees: false },
    { name: 'a finite value in place of ∞', a: row(3), b: row(Infinity), agrees: false },
    { name: 'zeros of both signs', a: row(-0), b: row(0), agrees: true },
    { name: 'another shape', a: row(1, 1), b: { shape: [1, 2], data: Float64Array.of(1, 1) }, agrees: false },
    { name: 'the same words', a: 'not registered: X', b: 'not registered: X', agrees: true },
    { name: 'words in place of values', a: 'throws: x', b: row(1), agrees: false },
  ])('$name: $agrees, either way', ({ a, b, agrees }) => {
    expect([agree(a, b), agree(b, a)]).toEqual([agrees, agrees]);
  });
});

it('answers come back from JSON', () => {
  for (const answer of [row(1.5, NaN, Infinity, -Infinity, 0), 'throws: because']) {
    expect(AnswerJson.parse(JSON.parse(JSON.stringify(answerToJson(answer))))).toEqual(answer);
  }
});

it.each([{ shape: [3], data: [1, 2] }, { shape: [1], data: ['nan'] }, { shape: [1], data: [1], more: 1 }, 7])(
  '%j is not an answer',
  (json) => {
    expect(AnswerJson.safeParse(json).success).toBe(false);
  },
);
