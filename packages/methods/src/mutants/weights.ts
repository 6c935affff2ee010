/** Faults of how weights are read or stored. */
import { maximum, type HostTensor, type LeafType } from '@touchstone/contract';
import type { Mutant } from '../core/mutant.js';
import { onChangedNetwork, type LeafDescription } from './changed-network.js';
import { ofImages } from './lists.js';

type ChangeOfWeight = (weight: HostTensor) => HostTensor;

/** Every tensor of the network, changed. */
function storing(id: string, fault: string, change: ChangeOfWeight): Mutant {
  return onChangedNetwork(id, fault, ofImages, {
    description: (description) => description,
    weights: (weights) => Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, change(weight)])),
  });
}

/** The kernels of every convolution, changed, where one is larger than a pixel. */
function reading(id: string, fault: string, change: ChangeOfWeight): Mutant {
  const isWide = (module: unknown): boolean => {
    const { type, attributes } = module as Partial<LeafDescription>;
    return (type as LeafType) === 'Conv2d' && (attributes!['kernelSize'] as number[]).some((size) => size > 1);
  };
  return onChangedNetwork(id, fault, ofImages, {
    description: (description) => (Object.values(description.modules).some(isWide) ? description : null),
    weights: (weights, { modules }) =>
      Object.fromEntries(
        Object.entries(weights).map(([name, weight]) => {
          const path = name.slice(0, name.lastIndexOf('.'));
          return [name, weight.shape.length === 4 && isWide(modules[path]) ? change(weight) : weight];
        }),
      ),
  });
}

/** Every h×w kernel read by another index. */
const reindexed =
  (index: (i: number, h: number, w: number) => number): ChangeOfWeight =>
  ({ shape, data }) => {
    const [h, w] = shape.slice(2) as [number, number];
    const size = h * w;
    return { shape, data: data.map((_, i) => data[i - (i % size) + index(i % size, h, w)]!) };
  };

export const flipped = reindexed((i, h, w) => h * w - 1 - i);
/** A kernel that is not square is stored with its rows and columns exchanged, and read as if it were not. */
export const transposed = reindexed((i, h, w) => (i % h) * w + Math.floor(i / h));

/** Ties to even, for |value| < 2⁵¹. */
const nearestInteger = (value: number): number => value + 2 ** 52 * 1.5 - 2 ** 52 * 1.5;

/** Rounded to a binary format with `bits` of fraction, subnormal below 2^`least`. */
export const toFormat =
  (bits: number, least: number): ChangeOfWeight =>
  ({ shape, data }) => ({
    shape,
    data: data.map((value) => {
      const unit = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), least) - bits);
      return nearestInteger(value / unit) * unit;
    }),
  });

/** round(w/s)·s with s = max|w|/127: symmetric, one scale for a tensor. Biases and statistics stay. */
export const toInt8: ChangeOfWeight = ({ shape, data }) => {
  if (shape.length < 2) return { shape, data };
  const scale = maximum(data.map(Math.abs)) / 127 || 1;
  return { shape, data: data.map((value) => nearestInteger(value / scale) * scale) };
};

/**
 * What TensorFlow.js' converter stores with `--quantize_uint8`, of every tensor: 255 steps from min to max, moved so
 * that one of them is 0 (tfjs-converter, quantization.py, `_get_affine_quantization_range`).
 */
export const toUint8: ChangeOfWeight = ({ shape, data }) => {
  const [min, max] = [-maximum(data.map((value) => -value)), maximum(data)];
  const scale = (max - min) / 255;
  if (scale === 0) return { shape, data };
  const least = min <= 0 && max >= 0 ? nearestInteger(min / scale) * scale : min;
  const step = (value: number): number => Math.min(Math.max(nearestInteger((value - least) / scale), 0), 255);
  return { shape, data: data.map((value) => least + step(value) * scale) };
};

export const weightMutants: readonly Mutant[] = [
  reading('kernels-flipped', 'kernels are flipped: convolution instead of cross-correlation', flipped),
  reading('kernels-transposed', 'rows and columns of the kernels are exchanged', transposed),
  storing('weights-float16', 'the weights are stored in float16', toFormat(10, -14)),
  storing('weights-bfloat16', 'the weights are stored in bfloat16', toFormat(7, -126)),
  storing('weights-int8', 'the weights are stored in int8, with one scale for a tensor', toInt8),
  storing('weights-uint8', "the weights are stored in uint8, by TensorFlow.js' converter", toUint8),
];
