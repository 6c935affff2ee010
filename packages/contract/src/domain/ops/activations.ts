import { z } from 'zod';
import { Inplace, Nothing } from '../attributes.js';

const number = z.number();
const Slope = z.strictObject({ alpha: number });
const Dimension = z.strictObject({ dim: z.number().int().min(0).max(7) });

/** One value in, one value out; attributes in PyTorch's names. `prelu` takes its weight as a second value. */
export const activations = {
  relu: Inplace,
  relu6: Inplace,
  dropout: Inplace,
  sigmoid: Nothing,
  silu: Nothing,
  hardswish: Nothing,
  hardsigmoid: Nothing,
  tanh: Nothing,
  mish: Nothing,
  selu: Nothing,
  exp: Nothing,
  log: Nothing,
  sqrt: Nothing,
  rsqrt: Nothing,
  abs: Nothing,
  erf: Nothing,
  logsigmoid: Nothing,
  gelu: z.strictObject({ approximate: z.enum(['none', 'tanh']) }),
  leaky_relu: z.strictObject({ negativeSlope: number }),
  elu: Slope,
  celu: z.strictObject({ alpha: number.refine((alpha) => alpha !== 0, 'a number other than 0') }),
  softplus: z.strictObject({ beta: number.positive(), threshold: number }),
  hardtanh: z.strictObject({ minVal: number, maxVal: number }),
  clamp: z.strictObject({ min: number.nullable(), max: number.nullable() }),
  threshold: z.strictObject({ threshold: number, value: number }),
  pow: z.strictObject({ exponent: number }),
  softmax: Dimension,
  log_softmax: Dimension,
  prelu: Nothing,
} as const;
