/** The layers and functions that a network may consist of, with their attributes. */
import { z } from 'zod';
import { Size } from './values.js';

const Extent = z.number().int().min(0).max(4096);
const Pair = z.tuple([Extent, Extent]);
const Positive = Extent.min(1);
const PositivePair = z.tuple([Positive, Positive]);

const Pool = { kernelSize: PositivePair, stride: PositivePair, padding: Pair, ceilMode: z.boolean() };
const MaxPool2d = z.strictObject({ ...Pool, dilation: PositivePair });
const AvgPool2d = z.strictObject({
  ...Pool,
  countIncludePad: z.boolean(),
  divisorOverride: z.number().int().min(1).nullable(),
});
const AdaptiveAvgPool2d = z.strictObject({
  /** null: the input's own size */ outputSize: z.tuple([Positive.nullable(), Positive.nullable()]),
});
const Flatten = z.strictObject({ startDim: z.number().int(), endDim: z.number().int() });
const Inplace = z.strictObject({ inplace: z.boolean() });
const Nothing = z.strictObject({});

/** Leaf modules: PyTorch's class name → its attributes, in camelCase. */
export const leafAttributes = {
  Conv2d: z.strictObject({
    inChannels: Size,
    outChannels: Size,
    kernelSize: PositivePair,
    stride: PositivePair,
    padding: Pair,
    dilation: PositivePair,
    groups: z.number().int().min(1),
    bias: z.boolean(),
  }),
  Linear: z.strictObject({ inFeatures: Size, outFeatures: Size, bias: z.boolean() }),
  BatchNorm2d: z.strictObject({ numFeatures: Size, eps: z.number(), affine: z.boolean() }),
  ReLU: Inplace,
  ReLU6: Inplace,
  MaxPool2d,
  AvgPool2d,
  AdaptiveAvgPool2d,
  /** left, right, top, bottom, as PyTorch orders them */
  ZeroPad2d: z.strictObject({ padding: z.tuple([Extent, Extent, Extent, Extent]) }),
  Dropout: z.strictObject({ p: z.number(), inplace: z.boolean() }),
  Flatten,
  Identity: Nothing,
} as const;
export type LeafType = keyof typeof leafAttributes;
export type LeafAttributes<T extends LeafType> = z.infer<(typeof leafAttributes)[T]>;

/** Functions called between modules: name → attributes. */
export const opAttributes = {
  add: Nothing,
  /** `dim` counts NCHW dimensions */
  cat: z.strictObject({ dim: z.number().int() }),
  relu: Inplace,
  relu6: Inplace,
  max_pool2d: MaxPool2d,
  avg_pool2d: AvgPool2d,
  adaptive_avg_pool2d: AdaptiveAvgPool2d,
  flatten: Flatten,
  dropout: Inplace,
} as const;
export type OpName = keyof typeof opAttributes;
export type OpAttributes<T extends OpName> = z.infer<(typeof opAttributes)[T]>;
