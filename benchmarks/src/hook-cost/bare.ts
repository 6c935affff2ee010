/**
 * A network as plain TF.js: the same kernels in the same order as the network package, without modules, hooks or tape.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  TouchstoneError,
  type HostTensor,
  type LeafAttributes,
  type NetworkDescription,
  type StepCall,
} from '@touchstone/contract';
import {
  applyAxisMaps,
  axisMap,
  blocksOf,
  constant,
  firstMaximum,
  fromHost,
  matrixProduct,
  winogradConvolve,
  winogradKernel,
  winogradPays,
  type Block,
} from '@touchstone/network';

type T4 = tf.Tensor4D;

interface Layer {
  readonly forward: (...inputs: T4[]) => tf.Tensor;
  /** @param R gradient of the output y @returns the gradient of each input */
  readonly backward: (R: T4, inputs: readonly T4[], y: tf.Tensor) => tf.Tensor[];
}

interface Step {
  readonly layer: Layer;
  /** Indices of its inputs among all values: value 0 is x, and step i computes value i + 1. */
  readonly from: readonly number[];
}

export interface Bare {
  /** x [N,H,W,C] → logits */
  readonly forward: (x: T4) => tf.Tensor;
  /** ∂(Σ logits·R)/∂x */
  readonly gradient: (x: T4, R: tf.Tensor) => tf.Tensor;
  readonly dispose: () => void;
}

/** @throws TouchstoneError `internal` for a layer that is not in the table below */
export function bare(description: NetworkDescription, weights: Readonly<Record<string, HostTensor>>): Bare {
  const { modules } = description;
  const steps: Step[] = [];
  const owned: tf.Tensor[] = [];
  const own = <T extends tf.Tensor>(tensor: T): T => {
    owned.push(tensor);
    return tensor;
  };

  const append = (path: string, from: readonly number[]): number => {
    const module = modules[path]!;
    if ('calls' in module) {
      const at = new Map(module.inputs.map((name, i) => [name, from[i]!]));
      const blocks = blocksOf(module, description);
      for (let i = 0; i < module.calls.length; i++) {
        const call = module.calls[i] as StepCall;
        const args = call.args.map((name) => at.get(name)!);
        const block = blocks.get(i);
        if (block) {
          i += block.length - 1;
          at.set(module.calls[i]!.name, push(blockOf(block, its, own), args));
          continue;
        }
        at.set(
          call.name,
          'module' in call ? append(call.module, args) : push(layerOf(call.op, call.attributes, {}), args),
        );
      }
      return at.get(module.output)!;
    }
    if ('alias' in module) return append(module.alias, from);
    if (module.type === 'Dropout') return from[0]!;
    return push(layerOf(module.type, module.attributes, its(path), own), from);
  };
  const its = (path: string): Weights =>
    Object.fromEntries(
      Object.entries(weights)
        .filter(([name]) => name.startsWith(`${path}.`))
        .map(([name, host]) => [name.slice(path.length + 1), own(held(host))]),
    );
  const push = (layer: Layer, from: readonly number[]): number => steps.push({ layer, from });
  append('', [0]);

  return {
    forward: (x) => forward(steps, x).at(-1)!,
    gradient: (x, R) => backward(steps, forward(steps, x), R),
    dispose: () => tf.dispose(owned),
  };
}

/** The input, then the output of each step. */
function forward(steps: readonly Step[], x: T4): T4[] {
  const values = [x];
  for (const { layer, from } of steps) {
    const inputs = from.map((i) => values[i]!);
    values.push(tf.tidy(() => layer.forward(...inputs)) as T4);
  }
  return values;
}

function backward(steps: readonly Step[], values: readonly T4[], R: tf.Tensor): tf.Tensor {
  const gradients: (tf.Tensor | undefined)[] = values.map(() => undefined);
  gradients[steps.length] = R.clone();
  for (let i = steps.length - 1; i >= 0; i--) {
    const { layer, from } = steps[i]!;
    const arrived = gradients[i + 1] as T4;
    const inputs = from.map((j) => values[j]!);
    const given = tf.tidy(() => layer.backward(arrived, inputs, values[i + 1]!));
    arrived.dispose();
    for (const [k, j] of from.entries()) {
      const before = gradients[j];
      gradients[j] = before ? tf.add(before, given[k]!) : given[k]!;
      if (before) tf.dispose([before, given[k]!]);
    }
  }
  return gradients[0]!;
}

/** As a tensor of the backend; a 4-D weight is kept as [out,h,w,in]. */
const held = (host: HostTensor): tf.Tensor =>
  host.shape.length === 4 ? fromHost(host) : constant(host.data, host.shape);

type Weights = Record<string, tf.Tensor>;

type Own = <T extends tf.Tensor>(tensor: T) => T;

function layerOf(type: string, attributes: unknown, weights: Weights, own: Own = (tensor) => tensor): Layer {
  switch (type) {
    case 'Conv2d':
      return convolution(attributes as LeafAttributes<'Conv2d'>, weights, own);
    case 'BatchNorm2d':
      return batchNorm(attributes as LeafAttributes<'BatchNorm2d'>, weights, own);
    case 'ReLU6':
      return { forward: (x) => tf.relu6(x as tf.Tensor), backward: (R, _inputs, y) => [masked.relu6(R, y)] };
    case 'MaxPool2d':
      return maxPool(attributes as LeafAttributes<'MaxPool2d'>);
    case 'AdaptiveAvgPool2d':
      return {
        forward: (x) => applyAxisMaps(x, mean(x.shape[1]), mean(x.shape[2])),
        backward: (R, [x]) => [applyAxisMaps(R, mean(x!.shape[1]), mean(x!.shape[2]), true)],
      };
    case 'Flatten':
      return {
        forward: (x) => tf.reshape(isPixel(x) ? x : tf.transpose(x, [0, 3, 1, 2]), [x.shape[0], -1]).clone(),
        backward: (R, [x]) => {
          const [n, h, w, c] = x!.shape;
          if (isPixel(x!)) return [tf.reshape(R, x!.shape).clone()];
          return [tf.transpose(tf.reshape(R, [n, c, h, w]), [0, 2, 3, 1]).clone()];
        },
      };
    case 'Linear':
      return linear(weights);
    case 'add':
      return { forward: (a, b) => tf.add(a!, b!), backward: (R) => [R.clone(), R.clone()] };
    default:
      throw new TouchstoneError('internal', `there is no bare ${type}`);
  }
}

/** Its values have the same order in NCHW and in NHWC. */
const isPixel = ({ shape: [, h, w] }: T4): boolean => h * w === 1;

/** Averages `from` values to one. */
const mean = (from: number) =>
  axisMap(1, from, (set) => {
    for (let i = 0; i < from; i++) set(i, 1 / from);
  });

/** The gradient of a ReLU with output y. */
const masked = {
  relu: (R: tf.Tensor, y: tf.Tensor) => tf.mul(R, tf.step(y)),
  relu6: (R: tf.Tensor, y: tf.Tensor) => tf.mul(R, tf.step(tf.mul(y, tf.sub(constant([6], []), y)))),
};

/** A convolution with the layers around it that run in the same kernel. The measured networks have them only there. */
function blockOf(
  { parts: { ZeroPad2d, Conv2d, ReLU, ReLU6 } }: Block,
  its: (path: string) => Weights,
  own: Own,
): Layer {
  const [before, after] = ZeroPad2d?.attributes.padding ?? [0, 0];
  const activation = ReLU ? 'relu' : ReLU6 ? 'relu6' : undefined;
  return convolution(Conv2d.attributes, its(Conv2d.path), own, {
    frame: [before, after],
    ...(activation && { activation }),
  });
}

interface Around {
  /** Zeros before and after, on both axes. */
  readonly frame: readonly [number, number];
  readonly activation?: keyof typeof masked;
}

/** Square, undilated, in one group or depthwise; padded alike on both axes. */
function convolution(
  { kernelSize: [k], stride: [s], padding: [p], groups, inChannels, outChannels }: LeafAttributes<'Conv2d'>,
  { weight, bias }: Weights,
  own: Own,
  { frame, activation }: Around = { frame: [0, 0] },
): Layer {
  const depthwise = groups > 1;
  const kernel = own(tf.transpose(weight as T4, depthwise ? [1, 2, 0, 3] : [1, 2, 3, 0]));
  const flipped = own(
    tf.tidy(() => (depthwise ? tf.reverse(kernel, [0, 1]) : tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]))),
  );
  const tiles =
    !depthwise && k === 3 && s === 1 && winogradPays(inChannels, outChannels) ? winogradKernel(flipped).map(own) : null;
  const convolve = (
    x: T4,
    filter: T4,
    strides: number,
    [before, after]: readonly [number, number],
    finish: object | null,
  ): T4 => {
    const missing = Math.max(0, (Math.ceil(x.shape[1] / strides) - 1) * strides + k - x.shape[1]);
    const same = before === Math.floor(missing / 2) && before + after === missing;
    const padded = same ? x : pad(x, before, after);
    const mode = same ? 'same' : 'valid';
    if (finish)
      return (depthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d)({
        x: padded,
        filter,
        strides,
        pad: mode,
        ...finish,
      });
    return depthwise ? tf.depthwiseConv2d(padded, filter, strides, mode) : tf.conv2d(padded, filter, strides, mode);
  };
  const margin = [p + frame[0], p + frame[1]] as const;
  const finish = bias || activation ? { ...(bias && { bias }), ...(activation && { activation }) } : null;
  return {
    forward: (x) => convolve(x!, kernel, s, margin, finish),
    backward: (R, [x], y) => {
      const spreadR = spread(activation ? (masked[activation](R, y) as T4) : R, s);
      const before = k - 1 - margin[0];
      const around = [before, x!.shape[1] - spreadR.shape[1] - before + k - 1] as const;
      return [tiles ? winogradConvolve(spreadR, tiles, [around, around]) : convolve(spreadR, flipped, 1, around, null)];
    },
  };
}

function batchNorm(
  { eps }: LeafAttributes<'BatchNorm2d'>,
  { running_mean, running_var, weight, bias }: Weights,
  own: Own,
): Layer {
  const scale = own(tf.tidy(() => tf.mul(tf.rsqrt(tf.add(running_var!, constant([eps], []))), weight!)));
  const shift = own(tf.tidy(() => tf.add(bias!, tf.neg(tf.mul(running_mean!, scale)))));
  return { forward: (x) => tf.add(tf.mul(x!, scale), shift), backward: (R) => [tf.mul(R, scale)] };
}

/** Of windows without overlap or padding. */
function maxPool(window: LeafAttributes<'MaxPool2d'>): Layer {
  const [k, s] = [window.kernelSize[0], window.stride[0]];
  return {
    forward: (x) => tf.maxPool(x!, k, s, 'valid'),
    backward: (R, [x], y) => [firstMaximum(R, x!, y as T4, window)],
  };
}

function linear({ weight, bias }: Weights): Layer {
  return {
    forward: (x) =>
      tf.add(matrixProduct(x as tf.Tensor as tf.Tensor2D, weight as tf.Tensor2D, { transposeB: true }), bias!),
    backward: (R) => [matrixProduct(R as tf.Tensor as tf.Tensor2D, weight as tf.Tensor2D)],
  };
}

function pad(x: T4, before: number, after: number): T4 {
  const [n, h, w, c] = x.shape;
  const size = after < 0 ? [h + after, w + after] : [h, w];
  const cut = after < 0 ? tf.slice(x, [0, 0, 0, 0], [n, size[0]!, size[1]!, c]) : x;
  const margin: [number, number] = [before, Math.max(0, after)];
  return tf.pad(cut, [[0, 0], margin, margin, [0, 0]]);
}

/** x with stride − 1 zeros after each row and column. */
function spread(x: T4, stride: number): T4 {
  if (stride === 1) return x;
  const [n, h, w, c] = x.shape;
  const columns = tf.pad(tf.reshape(x, [n * h, w, c]), [
    [0, 0],
    [0, 0],
    [0, (stride - 1) * c],
  ]);
  const rows = tf.pad(tf.reshape(columns, [n * h, 1, w * stride * c]), [
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ]);
  return tf.reshape(rows, [n, h * stride, w * stride, c]);
}
