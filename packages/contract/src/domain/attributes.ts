/** The schemas of attributes that layers and functions share. */
import { z } from 'zod';

export const Extent = z.number().int().min(0).max(4096);
export const Pair = z.tuple([Extent, Extent]);
export const Positive = Extent.min(1);
export const PositivePair = z.tuple([Positive, Positive]);

const pool = { kernelSize: PositivePair, stride: PositivePair, padding: Pair, ceilMode: z.boolean() };
export const MaxPool = z.strictObject({ ...pool, dilation: PositivePair });
export const AvgPool = z.strictObject({
  ...pool,
  countIncludePad: z.boolean(),
  divisorOverride: z.number().int().min(1).nullable(),
});
export const AdaptivePool = z.strictObject({
  /** null: the input's own size */ outputSize: z.tuple([Positive.nullable(), Positive.nullable()]),
});
export const Flatten = z.strictObject({ startDim: z.number().int(), endDim: z.number().int() });
export const Inplace = z.strictObject({ inplace: z.boolean() });
export const Nothing = z.strictObject({});
