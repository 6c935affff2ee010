/** The leaf modules that a network may consist of, with their attributes. Every other module calls functions. */
import { z } from 'zod';
import { AdaptivePool, AvgPool, Extent, Flatten, Inplace, MaxPool, Nothing, Pair, PositivePair } from './attributes.js';
import { Size } from './values.js';

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
  MaxPool2d: MaxPool,
  AvgPool2d: AvgPool,
  AdaptiveAvgPool2d: AdaptivePool,
  /** left, right, top, bottom, as PyTorch orders them */
  ZeroPad2d: z.strictObject({ padding: z.tuple([Extent, Extent, Extent, Extent]) }),
  Dropout: z.strictObject({ p: z.number(), inplace: z.boolean() }),
  Flatten,
  Identity: Nothing,
} as const;
export type LeafType = keyof typeof leafAttributes;
export type LeafAttributes<T extends LeafType> = z.infer<(typeof leafAttributes)[T]>;
