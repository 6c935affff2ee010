import { z } from 'zod';
import { AdaptivePool, AvgPool, MaxPool, Pair, PositivePair } from '../attributes.js';
import { Size } from '../values.js';

const convolution = { stride: PositivePair, padding: Pair, dilation: PositivePair, groups: Size.min(1) };
/** Output pixels per input pixel. */
const Scale = z
  .number()
  .min(2 ** -12)
  .max(2 ** 12);
const Margin = z.number().int().min(-4096).max(4096);

/** Functions of the neighbourhood of a pixel. */
export const windows = {
  max_pool2d: MaxPool,
  avg_pool2d: AvgPool,
  adaptive_avg_pool2d: AdaptivePool,
  adaptive_max_pool2d: AdaptivePool,
  /** x [N,C,H,W], weight [out,C/groups,h,w] and, if there is one, bias [out] */
  conv2d: z.strictObject(convolution),
  /** x [N,C,H,W], weight [C,out/groups,h,w] and, if there is one, bias [out] */
  conv_transpose2d: z.strictObject({ ...convolution, outputPadding: Pair }),
  interpolate: z.strictObject({
    size: PositivePair,
    /** As they were given; null: the sizes say it. */ scales: z.tuple([Scale, Scale]).nullable(),
    mode: z.enum(['nearest', 'nearest-exact', 'bilinear', 'bicubic']),
    alignCorners: z.boolean(),
  }),
  pad: z.strictObject({
    /** Before and after the last dimension, the one before it, and so on; negative ones crop. */
    padding: z
      .array(Margin)
      .min(2)
      .max(16)
      .refine(({ length }) => length % 2 === 0, 'two numbers a dimension'),
    mode: z.enum(['constant', 'reflect', 'replicate', 'circular']),
    /** Of constant padding. JSON has no infinity. */
    value: z.union([z.number(), z.enum(['Infinity', '-Infinity'])]),
  }),
} as const;
