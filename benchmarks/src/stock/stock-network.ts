/**
 * A network written with TF.js alone, its layers and automatic gradients, for the benchmarks to compare with. Needs
 * TF.js's gradients registered (`registerStockGradients`).
 */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor, type LeafAttributes, type NetworkDescription } from '@touchstone/contract';

type T4 = tf.Tensor4D;
type Weights = Readonly<Record<string, tf.Tensor>>;
type Layer = (...inputs: tf.Tensor[]) => tf.Tensor;

export interface StockNetwork {
  /** x [N,H,W,C] → the network's output. `tf.grad` can differentiate it. */
  readonly forward: (x: T4) => tf.Tensor;
  readonly dispose: () => void;
}

/** @throws TouchstoneError `unsupported` for a layer that TF.js lacks */
export function stockNetwork(
  { modules }: NetworkDescription,
  weights: Readonly<Record<string, HostTensor>>,
): StockNetwork {
  const layers = new Map<string, Layer>();
  const owned: tf.Tensor[] = [];
  const build = (path: string): Layer => {
    const known = layers.get(path);
    if (known) return known;
    const layer = make(path);
    layers.set(path, layer);
    return layer;
  };
  const make = (path: string): Layer => {
    const module = modules[path]!;
    if ('alias' in module) return build(module.alias);
    if ('calls' in module) {
      const steps = module.calls.map((call) => {
        if (!('args' in call)) throw unsupported('a tensor of a container');
        const run = 'module' in call ? build(call.module) : layerOf(call.op, call.attributes, {});
        return { name: call.name, args: call.args, run };
      });
      return (...inputs) => {
        const values = new Map(module.inputs.map((name, i) => [name, inputs[i]!]));
        for (const { name, args, run } of steps) values.set(name, run(...args.map((arg) => values.get(arg)!)));
        return values.get(module.output)!;
      };
    }
    const its: Record<string, tf.Tensor> = {};
    for (const [name, host] of Object.entries(weights)) {
      if (name.slice(0, name.lastIndexOf('.')) !== path) continue;
      its[name.slice(path.length + 1)] = held(
        host,
        module.type === 'Conv2d' && (module.attributes as LeafAttributes<'Conv2d'>).groups > 1,
      );
    }
    owned.push(...Object.values(its));
    return layerOf(module.type, module.attributes, its);
  };
  try {
    const network = build('');
    return { forward: (x) => network(x), dispose: () => tf.dispose(owned) };
  } catch (error) {
    tf.dispose(owned);
    throw error;
  }
}

/** Kernels as TF.js has them: [h,w,in,out], depthwise [h,w,channels,multiplier]. */
function held({ shape, data }: HostTensor, depthwise: boolean): tf.Tensor {
  return tf.tidy(() => {
    const tensor = tf.tensor(data as Float32Array, [...shape]);
    return shape.length === 4 ? tf.transpose(tensor, depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]) : tensor;
  });
}

function layerOf(type: string, attributes: unknown, weights: Weights): Layer {
  switch (type) {
    case 'Conv2d':
      return convolution(attributes as LeafAttributes<'Conv2d'>, weights);
    case 'BatchNorm2d': {
      const { running_mean, running_var, weight, bias } = weights as Record<string, tf.Tensor1D>;
      // TF.js's gradient fails without them.
      const [offset, scale] = [() => bias ?? tf.zerosLike(running_mean!), () => weight ?? tf.onesLike(running_mean!)];
      return (x) =>
        tf.batchNorm(
          x!,
          running_mean!,
          running_var!,
          offset(),
          scale(),
          (attributes as LeafAttributes<'BatchNorm2d'>).eps,
        );
    }
    case 'Linear':
      return (x) => withBias(tf.matMul(x as tf.Tensor2D, weights['weight'] as tf.Tensor2D, false, true), weights);
    case 'ReLU':
    case 'relu':
      return (x) => tf.relu(x!);
    case 'ReLU6':
    case 'relu6':
      return (x) => tf.relu6(x!);
    case 'MaxPool2d':
    case 'max_pool2d':
      return maxPool(attributes as LeafAttributes<'MaxPool2d'>);
    case 'AvgPool2d':
    case 'avg_pool2d':
      return averagePool(attributes as LeafAttributes<'AvgPool2d'>);
    case 'AdaptiveAvgPool2d':
    case 'adaptive_avg_pool2d':
      return (x) => averageTo(x as T4, (attributes as LeafAttributes<'AdaptiveAvgPool2d'>).outputSize);
    case 'ZeroPad2d': {
      const [left, right, top, bottom] = (attributes as LeafAttributes<'ZeroPad2d'>).padding;
      return (x) =>
        tf.pad(x!, [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ]);
    }
    case 'Flatten':
    case 'flatten':
      return (x) => tf.reshape(x!.rank === 4 ? tf.transpose(x!, [0, 3, 1, 2]) : x!, [x!.shape[0]!, -1]);
    case 'Dropout':
    case 'dropout':
    case 'Identity':
      return (x) => x!;
    case 'add':
      return (a, b) => tf.add(a!, b!);
    case 'cat':
      return (...parts) => tf.concat(parts, -1);
    default:
      throw unsupported(type);
  }
}

function withBias(y: tf.Tensor, { bias }: Weights): tf.Tensor {
  return bias ? tf.add(y, bias) : y;
}

function convolution(
  { kernelSize: [kh, kw], stride, padding: [ph, pw], dilation, groups, inChannels }: LeafAttributes<'Conv2d'>,
  weights: Weights,
): Layer {
  if (groups !== 1 && groups !== inChannels) throw unsupported(`a convolution in ${groups} groups`);
  // "same" is what people write, and what backends run fastest. With stride 1 it pads as PyTorch does.
  const same = Math.max(...stride) === 1 && 2 * ph === dilation[0] * (kh - 1) && 2 * pw === dilation[1] * (kw - 1);
  const kernel = weights['weight'] as T4;
  const convolve = (x: T4): T4 => {
    const input =
      same || ph + pw === 0
        ? x
        : tf.pad(x, [
            [0, 0],
            [ph, ph],
            [pw, pw],
            [0, 0],
          ]);
    const mode = same ? 'same' : 'valid';
    return groups === 1
      ? tf.conv2d(input, kernel, [...stride], mode, 'NHWC', [...dilation])
      : tf.depthwiseConv2d(input, kernel, [...stride], mode, 'NHWC', [...dilation]);
  };
  return (x) => withBias(convolve(x as T4), weights);
}

function maxPool({ kernelSize, stride, padding: [ph, pw], dilation, ceilMode }: LeafAttributes<'MaxPool2d'>): Layer {
  if (ceilMode || Math.max(...dilation) > 1) throw unsupported('max pooling with ceil_mode or dilation');
  return (x) => {
    const padded =
      ph + pw === 0
        ? (x as T4)
        : (tf.pad(
            x!,
            [
              [0, 0],
              [ph, ph],
              [pw, pw],
              [0, 0],
            ],
            -Infinity,
          ) as T4);
    return tf.maxPool(padded, [...kernelSize], [...stride], 'valid');
  };
}

function averagePool({ kernelSize, stride, padding, ceilMode, divisorOverride }: LeafAttributes<'AvgPool2d'>): Layer {
  if (ceilMode || divisorOverride !== null || Math.max(...padding) > 0)
    throw unsupported('average pooling with padding, ceil_mode or a divisor');
  return (x) => tf.avgPool(x as T4, [...kernelSize], [...stride], 'valid');
}

function averageTo(x: T4, size: readonly (number | null)[]): tf.Tensor {
  const [, h, w] = x.shape;
  const [rows, columns] = [size[0] ?? h, size[1] ?? w];
  if (rows === h && columns === w) return x;
  if (rows === 1 && columns === 1) return tf.mean(x, [1, 2], true);
  if (h % rows === 0 && w % columns === 0)
    return tf.avgPool(x, [h / rows, w / columns], [h / rows, w / columns], 'valid');
  if (h === 1 && w === 1) return tf.tile(x, [1, rows, columns, 1]);
  throw unsupported(`average pooling from ${h}×${w} to ${rows}×${columns}`);
}

function unsupported(what: string): TouchstoneError {
  return new TouchstoneError('unsupported', `the comparison with stock TF.js does not support ${what}`);
}
