/** Layers of PyTorch → layers of Keras, with PyTorch's semantics. One row each. */
import { TouchstoneError, type HostTensor, type LeafAttributes } from '@touchstone/contract';
import type { Operation } from '@touchstone/network';
import { convolutionKernel, isDepthwise, linearKernel } from '../kernels.js';
import { groupedConvolution } from './grouped-convolution.js';
import { pools } from './pools.js';
import type { Layer, TensorFlow } from './tensorflow.js';

export type OperationOf<T extends Operation['type']> = Extract<Operation, { type: T }>;

/**
 * The layers of an operation, applied one after the other: the last has its name. `weights` are those of the last, in
 * the order of Keras, under their names in PyTorch.
 */
export interface Layers {
  readonly before?: readonly Layer[];
  readonly layer: Layer;
  readonly weights?: () => readonly HostTensor[];
}

type Weight = (own: string) => HostTensor;
type Row<T extends Operation['type']> = (operation: OperationOf<T>, weight: Weight) => Layers;

/** `weight` gives a weight of the operation's module by its own name, such as `bias`. */
export function layersFor(tf: TensorFlow): (operation: Operation, weight: Weight) => Layers {
  const rows = rowsFor(tf);
  return (operation, weight) => {
    const row = rows[operation.type] as Row<Operation['type']> | undefined;
    if (!row) throw cannot(operation.name, `is ${operation.type}`);
    return row(operation, weight);
  };
}

function rowsFor(tf: TensorFlow): { readonly [T in Operation['type']]?: Row<T> } {
  const { layers } = tf;
  const custom = pools(tf);
  const identity = (name: string): Layers => ({ layer: layers.activation({ activation: 'linear', name }) });
  return {
    Conv2d: ({ name, attributes }, weight) => convolution(tf, name, attributes, weight),
    Linear: ({ name, attributes: { outFeatures, bias }, inputShapes }, weight) => {
      if (inputShapes[0]!.length !== 2) throw cannot(name, 'is a Linear of more than 2 dimensions');
      return {
        layer: layers.dense({ name, units: outFeatures, useBias: bias, kernelInitializer: 'zeros' }),
        weights: () => [linearKernel(weight('weight')), ...(bias ? [weight('bias')] : [])],
      };
    },
    // Always with a scale and a shift: without them TF.js 4.22 has no gradient ("reading 'dataId'").
    BatchNorm2d: ({ name, attributes: { eps, affine } }, weight) => ({
      layer: layers.batchNormalization({ name, epsilon: eps }),
      weights: () => {
        const statistics = [weight('running_mean'), weight('running_var')];
        const constant = (value: number): HostTensor => {
          const { shape, data } = statistics[0]!;
          return { shape, data: new Float32Array(data.length).fill(value) };
        };
        return [...(affine ? [weight('weight'), weight('bias')] : [constant(1), constant(0)]), ...statistics];
      },
    }),
    ReLU: ({ name }) => ({ layer: layers.reLU({ name }) }),
    ReLU6: ({ name }) => ({ layer: layers.reLU({ name, maxValue: 6 }) }),
    MaxPool2d: ({ name, attributes }) =>
      Math.max(...attributes.padding, ...attributes.dilation.map((d) => d - 1)) === 0 && !attributes.ceilMode
        ? { layer: layers.maxPooling2d(poolArgs(name, attributes)) }
        : { layer: custom.maxPool(name, attributes) },
    AvgPool2d: ({ name, attributes }) =>
      Math.max(...attributes.padding) === 0 && !attributes.ceilMode && attributes.divisorOverride === null
        ? { layer: layers.averagePooling2d(poolArgs(name, attributes)) }
        : { layer: custom.averagePool(name, attributes) },
    AdaptiveAvgPool2d: ({ name, attributes, shape }) =>
      attributes.outputSize.every((size) => size === 1)
        ? {
            before: [layers.globalAveragePooling2d({ name: `${name}/mean` })],
            layer: layers.reshape({ name, targetShape: [1, 1, shape[1]!] }),
          }
        : { layer: custom.adaptiveAveragePool(name, attributes) },
    ZeroPad2d: ({ name, attributes: { padding } }) => ({ layer: zeroPadding(tf, name, padding) }),
    Dropout: ({ name, attributes: { p } }) => ({ layer: layers.dropout({ name, rate: p ?? 0 }) }),
    Flatten: ({ name, attributes, inputShapes }) => flatten(tf, name, attributes, inputShapes[0]!.length),
    Identity: ({ name }) => identity(name),
    add: ({ name, inputShapes: [a, b] }) => {
      if (a!.length !== b!.length) throw cannot(name, 'adds tensors of different numbers of dimensions');
      return { layer: layers.add({ name }) };
    },
    view: ({ name, inputShapes: [from], shape }) => view(tf, name, from!.length, shape),
    cat: ({ name, attributes: { dim }, inputShapes }) => {
      if (inputShapes.length === 1) return identity(name);
      const rank = inputShapes[0]!.length;
      const axis = dim < 0 ? dim + rank : dim;
      if (axis === 0) throw cannot(name, 'joins images of the batch');
      return { layer: layers.concatenate({ name, axis: rank === 4 ? [0, 3, 1, 2][axis]! : axis }) };
    },
  };
}

function convolution(tf: TensorFlow, name: string, attributes: LeafAttributes<'Conv2d'>, weight: Weight): Layers {
  const { kernelSize, stride, padding, dilation, groups, bias, inChannels, outChannels } = attributes;
  const [ph, pw] = padding;
  const spread = dilation.map((d, i) => d * (kernelSize[i]! - 1) + 1) as [number, number];
  const common = {
    name,
    kernelSize: spread,
    strides: [...stride] as [number, number],
    padding: 'valid' as const,
    useBias: bias,
  };
  const layer = isDepthwise(attributes)
    ? tf.layers.depthwiseConv2d({
        ...common,
        depthMultiplier: outChannels / inChannels,
        depthwiseInitializer: 'zeros',
      })
    : groups > 1
      ? groupedConvolution(tf, name, {
          ...attributes,
          kernelSize: spread,
          padding: [0, 0],
          dilation: [1, 1],
        })
      : tf.layers.conv2d({ ...common, filters: outChannels, kernelInitializer: 'zeros' });
  return {
    before: ph + pw > 0 ? [zeroPadding(tf, `${name}/pad`, [pw, pw, ph, ph])] : [],
    layer,
    weights: () => [
      dilated(convolutionKernel(weight('weight'), attributes), dilation),
      ...(bias ? [weight('bias')] : []),
    ],
  };
}

/** A kernel [h,w,…] with zeros in between: TF.js has no gradient of dilated convolutions. */
function dilated(kernel: HostTensor, [dh, dw]: readonly [number, number]): HostTensor {
  if (dh === 1 && dw === 1) return kernel;
  const [h, w, ...rest] = kernel.shape as [number, number, ...number[]];
  const [rows, columns] = [dh * (h - 1) + 1, dw * (w - 1) + 1];
  const each = rest.reduce((product, size) => product * size, 1);
  const data = new Float32Array(rows * columns * each);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      data.set(kernel.data.subarray((y * w + x) * each, (y * w + x + 1) * each), (y * dh * columns + x * dw) * each);
  return { shape: [rows, columns, ...rest], data };
}

/** `padding` is left, right, top, bottom, as PyTorch orders it. */
function zeroPadding(
  { layers }: TensorFlow,
  name: string,
  [left, right, top, bottom]: readonly [number, number, number, number],
): Layer {
  return layers.zeroPadding2d({
    name,
    padding: [
      [top, bottom],
      [left, right],
    ],
  });
}

function poolArgs(name: string, { kernelSize, stride }: Pick<LeafAttributes<'AvgPool2d'>, 'kernelSize' | 'stride'>) {
  return {
    name,
    poolSize: [...kernelSize] as [number, number],
    strides: [...stride] as [number, number],
    padding: 'valid' as const,
  };
}

/** In PyTorch's order: by channel, row and column. */
function flatten(
  { layers }: TensorFlow,
  name: string,
  { startDim, endDim }: LeafAttributes<'Flatten'>,
  rank: number,
): Layers {
  const at = (dim: number) => (dim < 0 ? dim + rank : dim);
  if (at(startDim) === at(endDim)) return { layer: layers.activation({ activation: 'linear', name }) };
  if (at(startDim) !== 1 || at(endDim) !== rank - 1) throw cannot(name, 'flattens something else than each image');
  return { before: rank === 4 ? [toNchw(layers, name)] : [], layer: layers.flatten({ name }) };
}

/** In the order of NCHW. */
function view({ layers }: TensorFlow, name: string, rank: number, [, ...shape]: readonly number[]): Layers {
  const before = rank === 4 ? [toNchw(layers, name)] : [];
  if (shape.length !== 3) return { before, layer: layers.reshape({ name, targetShape: [...shape] }) };
  const reshape = layers.reshape({ name: `${name}/reshape`, targetShape: [...shape] });
  return { before: [...before, reshape], layer: layers.permute({ name, dims: [2, 3, 1] }) };
}

function toNchw(layers: TensorFlow['layers'], name: string): Layer {
  return layers.permute({ name: `${name}/nchw`, dims: [3, 1, 2] });
}

function cannot(name: string, what: string): TouchstoneError {
  return new TouchstoneError(
    'unsupported',
    `"${name}" ${what}, which a tf.LayersModel cannot express here`,
    'Build this network from job.network, or leave the case out.',
  );
}
