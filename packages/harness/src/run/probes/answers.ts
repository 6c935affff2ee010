/** Answers to probes as JSON, and when two of them agree. */
import { z } from 'zod';
import type { ProbeAnswer } from '@touchstone/network';

/** NaN and ±∞, which JSON lacks, are words. */
const Value = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);

/** A tensor, NCHW. */
export const TensorJson = z
  .strictObject({ shape: z.array(z.number().int().min(0).max(1000)).max(8), data: z.array(Value).max(10_000) })
  .refine(
    ({ shape, data }) => shape.reduce((product, size) => product * size, 1) === data.length,
    '"data" must hold as many values as "shape" says',
  )
  .transform(({ shape, data }) => ({ shape, data: Float64Array.from(data, Number) }));

export const AnswerJson = z.union([TensorJson, z.string().max(300)]);

/** Seven digits: float32 has no more. */
export function answerToJson(answer: ProbeAnswer): z.input<typeof AnswerJson> {
  if (typeof answer === 'string') return answer;
  const data = Array.from(answer.data, (value) =>
    Number.isFinite(value) ? Number(value.toPrecision(7)) + 0 : (String(value) as 'NaN'),
  );
  return { shape: [...answer.shape], data };
}

/** Relative to the largest finite value: a few roundings of float32. */
const tolerance = 1e-6;

/** The same words; or the same shape, NaN and ∞ in the same places, and every value equal up to float32's rounding. */
export function agree(a: ProbeAnswer, b: ProbeAnswer): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  if (a.shape.join() !== b.shape.join()) return false;
  const largest = Math.max(...[...a.data, ...b.data].filter(Number.isFinite).map(Math.abs), 0);
  return a.data.every((value, i) => Object.is(value, b.data[i]) || Math.abs(value - b.data[i]!) <= tolerance * largest);
}
