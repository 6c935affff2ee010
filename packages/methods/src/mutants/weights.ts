/** Faults of how weights are read or stored. */
import {
  maximum,
  permute,
  valuesIn,
  type HostTensor,
  type LeafAttributes,
  type LeafType,
  type NetworkDescription,
} from '@touchstone/contract';
import { shapesOf } from '@touchstone/network';
import { remedy, type Mutant, type Remedy } from '../core/mutant.js';
import { onChangedNetwork, type LeafDescription } from './changed-network.js';
import { ofImages } from './lists.js';

type ChangeOfWeight = (weight: HostTensor) => HostTensor;

/** Every tensor of the network, changed. */
function storing(id: string, fault: string, remedy: Remedy, change: ChangeOfWeight): Mutant {
  return onChangedNetwork(id, fault, remedy, ofImages, {
    description: (description) => description,
    weights: (weights) => Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, change(weight)])),
  });
}

/** The kernels of every convolution, changed, where one is larger than a pixel. */
function reading(id: string, fault: string, remedy: Remedy, change: ChangeOfWeight): Mutant {
  const isWide = (module: unknown): boolean => {
    const { type, attributes } = module as Partial<LeafDescription>;
    return (
      (type as LeafType) === 'Conv2d' &&
      attributes !== undefined &&
      (attributes['kernelSize'] as number[]).some((size) => size > 1)
    );
  };
  return onChangedNetwork(id, fault, remedy, ofImages, {
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

/** Path of a Linear → the [C,H,W] that is flattened for it, where H·W > 1. */
function flattenedInputs(description: NetworkDescription, input: readonly number[]): Map<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  let flattened: readonly number[] | null = null;
  shapesOf(description, input, ({ where, inputs: [given], shape }) => {
    const isFlatten = given?.length === 4 && shape.length === 2 && valuesIn(given) === valuesIn(shape);
    if (isFlatten) flattened = given.slice(1);
    const module = description.modules[where] as Partial<LeafDescription> | undefined;
    if (module?.type !== 'Linear' || flattened === null) return;
    if (flattened[1]! * flattened[2]! > 1) found.set(where, flattened);
    flattened = null;
  });
  return found;
}

const sizeOf = ({ input }: NetworkDescription): readonly number[] => [1, ...input.shape];

/** NHWC maps are flattened, and multiplied with the weights for NCHW. */
const linearUnpermuted = onChangedNetwork(
  'flatten-unpermuted',
  'maps are flattened as NHWC, and the Linear behind has its weights for NCHW',
  remedy(
    'Exchange NHWC and NCHW before flattening, or permute the rows of the kernel',
    'maps.transpose([0, 3, 1, 2]).reshape([n, -1])',
    'maps.permute(0, 3, 1, 2).flatten(1)',
  ),
  ofImages.filter((method) => method !== 'cam'), // whose Linear takes averages
  {
    description: (description) => (flattenedInputs(description, sizeOf(description)).size > 0 ? description : null),
    weights: (weights, description) => {
      const changed = { ...weights };
      for (const [path, [channels, h, w]] of flattenedInputs(description, sizeOf(description))) {
        const { shape, data } = weights[`${path}.weight`]!;
        const [rows, pixels] = [shape[1]!, h! * w!];
        const other = (i: number): number => (i % pixels) * channels! + Math.floor(i / pixels);
        changed[`${path}.weight`] = { shape, data: data.map((_, i) => data[i - (i % rows) + other(i % rows)]!) };
      }
      return changed;
    },
  },
);

/** Output channels for each input channel of a depthwise convolution; null: it is none, or has a single one. */
function multiplierOf(module: unknown): number | null {
  const { type, attributes } = module as Partial<LeafDescription>;
  if ((type as LeafType) !== 'Conv2d' || attributes === undefined) return null; // of that name may be a container
  const { groups, inChannels, outChannels } = attributes as LeafAttributes<'Conv2d'>;
  return groups === inChannels && groups > 1 && outChannels > groups ? outChannels / groups : null;
}

/** Kernels in the order [channel, multiplier] are read in the order [multiplier, channel]; biases are not. */
const depthwiseOrder = onChangedNetwork(
  'depthwise-order',
  'kernels of a depthwise convolution are read as [multiplier, channel] instead of [channel, multiplier]',
  remedy(
    'Split the first axis of depthwise kernels into channel and multiplier, in this order',
    'w.reshape([c, m, h, w]).transpose([2, 3, 0, 1])',
    'w.reshape(c, m, h, w).permute(2, 3, 0, 1)',
  ),
  ['saliency', 'smooth-grad', 'activations'],
  {
    description: (description) =>
      Object.values(description.modules).some((module) => multiplierOf(module) !== null) ? description : null,
    weights: (weights, { modules }) => {
      const changed = { ...weights };
      for (const [path, module] of Object.entries(modules)) {
        const multiplier = multiplierOf(module);
        if (multiplier === null) continue;
        const { shape, data } = weights[`${path}.weight`]!;
        const [, , h, w] = shape as [number, number, number, number];
        const split = { shape: [multiplier, shape[0]! / multiplier, h, w], data };
        changed[`${path}.weight`] = { shape, data: permute(split, [1, 0, 2, 3]).data };
      }
      return changed;
    },
  },
);

export const weightMutants: readonly Mutant[] = [
  reading(
    'kernels-flipped',
    'kernels are flipped: convolution instead of cross-correlation',
    remedy('Leave the kernels unflipped: frameworks compute cross-correlation'),
    flipped,
  ),
  reading(
    'kernels-transposed',
    'rows and columns of the kernels are exchanged',
    remedy(
      'Exchange axes by their names: [out, in, h, w] is [h, w, in, out] in TF.js',
      'w.transpose([2, 3, 1, 0])',
      'w.permute(2, 3, 1, 0)',
    ),
    transposed,
  ),
  storing(
    'weights-float16',
    'the weights are stored in float16',
    remedy('Keep the weights in float32', 'no --quantize_float16', 'model.float() of weights that were never half'),
    toFormat(10, -14),
  ),
  storing(
    'weights-bfloat16',
    'the weights are stored in bfloat16',
    remedy('Keep the weights in float32', 'float32 weights', 'model.float() of weights that were never bfloat16'),
    toFormat(7, -126),
  ),
  storing(
    'weights-int8',
    'the weights are stored in int8, with one scale for a tensor',
    remedy('Keep the weights in float32', 'no quantisation', 'the weights before quantisation'),
    toInt8,
  ),
  storing(
    'weights-uint8',
    "the weights are stored in uint8, by TensorFlow.js' converter",
    remedy('Keep the weights in float32', 'no --quantize_uint8', 'the weights before quantisation'),
    toUint8,
  ),
  storing(
    'weights-tf32',
    'the weights are rounded to TF32',
    remedy('Compute in float32', 'the backend webgl with float32 textures', 'torch.backends.cudnn.allow_tf32 = False'),
    toFormat(10, -126),
  ),
  onChangedNetwork(
    'biases-missing',
    'all biases are 0',
    remedy('Load the biases', 'layer.setWeights([kernel, bias])', 'model.load_state_dict(weights, strict=True)'),
    ofImages,
    {
      description: ({ modules, ...rest }) => (Object.keys(modules).length > 0 ? { modules, ...rest } : null),
      weights: (weights) =>
        Object.fromEntries(
          Object.entries(weights).map(([name, weight]) => [
            name,
            name.endsWith('.bias') ? { ...weight, data: weight.data.map(() => 0) } : weight,
          ]),
        ),
    },
  ),
  linearUnpermuted,
  depthwiseOrder,
];
