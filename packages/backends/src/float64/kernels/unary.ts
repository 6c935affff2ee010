import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import type { Dense } from '../dense.js';
import { erf } from '../erf.js';
import { kernel, type Kernel, type Kernels } from '../kernel.js';

/** The result has the input's dtype, or the given one. */
export function mapElements(
  { shape, dtype, data }: Dense,
  compute: (value: number) => number,
  resultType = dtype,
): Dense {
  const result = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = compute(data[i]!);
  return { shape, dtype: resultType, data: result };
}

const elementwise = (compute: (value: number) => number, resultType?: tf.DataType): Kernel =>
  kernel<tf.UnaryInputs>(({ x }) => mapElements(x, compute, resultType));

export const relu = (value: number): number => Math.max(0, value);
export const relu6 = (value: number): number => Math.min(6, Math.max(0, value));
export const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** Halves round to even, as in NumPy and PyTorch. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const above = value - floor;
  if (above === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return above < 0.5 ? floor : Math.ceil(value);
}

export const unary: Kernels = {
  Neg: elementwise((value) => -value),
  Abs: elementwise(Math.abs),
  Sign: elementwise((value) => (value > 0 ? 1 : value < 0 ? -1 : 0)),
  Square: elementwise((value) => value * value),
  Sqrt: elementwise(Math.sqrt),
  Rsqrt: elementwise((value) => 1 / Math.sqrt(value)),
  Reciprocal: elementwise((value) => 1 / value),
  Exp: elementwise(Math.exp),
  Log: elementwise(Math.log),
  Erf: elementwise(erf),
  Tanh: elementwise(Math.tanh),
  Sigmoid: elementwise(sigmoid),
  Relu: elementwise(relu),
  Relu6: elementwise(relu6),
  Floor: elementwise(Math.floor),
  Round: elementwise(roundHalfToEven),
  IsNan: elementwise((value) => Number(Number.isNaN(value)), 'bool'),
  LogicalNot: elementwise((value) => Number(value === 0), 'bool'),
  Step: kernel<tf.StepInputs, tf.StepAttrs>(({ x }, { alpha }) =>
    mapElements(x, (value) => (Number.isNaN(value) ? Number.NaN : value > 0 ? 1 : alpha)),
  ),
  ClipByValue: kernel<tf.ClipByValueInputs, tf.ClipByValueAttrs>(({ x }, { clipValueMin, clipValueMax }) =>
    mapElements(x, (value) => (value > clipValueMax ? clipValueMax : value < clipValueMin ? clipValueMin : value)),
  ),
  Cast: kernel<tf.CastInputs, tf.CastAttrs>(({ x }, { dtype }) => {
    if (dtype === 'complex64' || dtype === 'string')
      throw new TouchstoneError(
        'unsupported',
        `the float64 backend does not support dtype ${dtype}`,
        'Cast to float32, int32 or bool.',
      );
    if (dtype === 'bool') return mapElements(x, (value) => Number(value !== 0), dtype);
    return { ...x, dtype };
  }),
};
