/** A network as plain TF.js: the same kernels in the same order as the network package, without modules, hooks or tape. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor, type LeafAttributes, type NetworkDescription } from '@touchstone/contract';
import { applyAxisMaps, axisMap, constant, firstMaximum, fromHost } from '@touchstone/network';

type T4 = tf.Tensor4D;

/** R: gradient of the output y. Gives that of each input. */
interface Layer {
  readonly forward: (...inputs: T4[]) => tf.Tensor;
  readonly backward: (R: T4, inputs: readonly T4[], y: tf.Tensor) => tf.Tensor[];
}

/** Where a layer's inputs stand among the values so far; value 0 is x, layer i gives value i + 1. */
interface Step {
  readonly layer: Layer;
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
export function bare({ modules }: NetworkDescription, weights: Readonly<Record<string, HostTensor>>): Bare {
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
      for (const call of module.calls) {
        const args = call.args.map((name) => at.get(name)!);
        at.set(call.name, 'module' in call ? append(call.module, args) : push(layerOf(call.op, call.attributes, {}), args));
      }
      return at.get(module.output)!;
    }
    if ('alias' in module) return append(module.alias, from);
    if (module.type === 'Dropout') return from[0]!;
    const its = Object.fromEntries(Object.entries(weights).filter(([name]) => name.startsWith(`${path}.`)).map(([name, host]) => [name.slice(path.length + 1), own(held(host))]));
    return push(layerOf(module.type, module.attributes, its, own), from);
  };
  const push = (layer: Layer, from: readonly number[]): number => steps.push({ layer, from });
  append('', [0]);

  const run = (x: T4): T4[] => {
    const values = [x];
    for (const { layer, from } of steps) values.push(tf.tidy(() => layer.forward(...from.map((i) => values[i]!))) as T4);
    return values;
  };
  return {
    forward: (x) => run(x).at(-1)!,
    gradient: (x, R) => {
      const values = run(x);
      const gradients: (tf.Tensor | undefined)[] = values.map(() => undefined);
      gradients[steps.length] = R.clone();
      for (let i = steps.length - 1; i >= 0; i--) {
        const { layer, from } = steps[i]!;
        const arrived = gradients[i + 1] as T4;
        const given = tf.tidy(() => layer.backward(arrived, from.map((j) => values[j]!), values[i + 1]!));
        arrived.dispose();
        for (const [k, j] of from.entries()) {
          const before = gradients[j];
          gradients[j] = before ? tf.add(before, given[k]!) : given[k]!;
          if (before) tf.dispose([before, given[k]!]);
        }
      }
      return gradients[0]!;
    },
    dispose: () => tf.dispose(owned),
  };
}

/** As the engine wants it; a 4-D weight stays [out,h,w,in]. */
const held = (host: HostTensor): tf.Tensor => (host.shape.length === 4 ? fromHost(host) : constant(host.data, host.shape));

type Weights = Record<string, tf.Tensor>;

function layerOf(type: string, attributes: unknown, weights: Weights, own: <T extends tf.Tensor>(tensor: T) => T = (tensor) => tensor): Layer {
  switch (type) {
    case 'Conv2d': return convolution(attributes as LeafAttributes<'Conv2d'>, weights, own);
    case 'BatchNorm2d': return batchNorm(attributes as LeafAttributes<'BatchNorm2d'>, weights);
    case 'ReLU': return { forward: (x) => tf.relu(x), backward: (R, _inputs, y) => [tf.mul(R, tf.step(y))] };
    case 'ReLU6': return { forward: (x) => tf.relu6(x), backward: (R, _inputs, y) => [tf.mul(R, tf.mul(tf.step(y), tf.step(tf.sub(constant([6], []), y))))] };
    case 'MaxPool2d': return maxPool(attributes as LeafAttributes<'MaxPool2d'>);
    case 'AdaptiveAvgPool2d': return { forward: (x) => applyAxisMaps(x, mean(x.shape[1]), mean(x.shape[2])), backward: (R, [x]) => [applyAxisMaps(R, mean(x!.shape[1]), mean(x!.shape[2]), true)] };
    case 'ZeroPad2d': return zeroPad(attributes as LeafAttributes<'ZeroPad2d'>);
    case 'Flatten': return { forward: (x) => tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0], -1]).clone(), backward: (R, [x]) => [tf.transpose(tf.reshape(R, [x!.shape[0], x!.shape[3], x!.shape[1], x!.shape[2]]), [0, 2, 3, 1]).clone()] };
    case 'Linear': return linear(weights);
    case 'add': return { forward: (a, b) => tf.add(a!, b!), backward: (R) => [R.clone(), R.clone()] };
    default: throw new TouchstoneError('internal', `there is no bare ${type}`);
  }
}

/** To one pixel. */
const mean = (from: number) => axisMap(1, from, (set) => {
  for (let i = 0; i < from; i++) set(i, 1 / from);
});

/** Square, undilated, in one group or depthwise; padded on all sides alike. */
function convolution({ kernelSize: [k], stride: [s], padding: [p], groups }: LeafAttributes<'Conv2d'>, { weight, bias }: Weights, own: <T extends tf.Tensor>(tensor: T) => T): Layer {
  const depthwise = groups > 1;
  const kernel = own(tf.transpose(weight as T4, depthwise ? [1, 2, 0, 3] : [1, 2, 3, 0]));
  const turned = own(tf.tidy(() => (depthwise ? tf.reverse(kernel, [0, 1]) : tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]))));
  const convolve = (x: T4, by: T4, stride: number, padding: number): T4 => {
    const same = stride === 1 && padding * 2 === k - 1;
    const padded = padding === 0 || same ? x : pad(x, padding, padding);
    const mode = same && padding > 0 ? 'same' : 'valid';
    return depthwise ? tf.depthwiseConv2d(padded, by, stride, mode) : tf.conv2d(padded, by, stride, mode);
  };
  return {
    forward: (x) => {
      const y = convolve(x!, kernel, s, p);
      return bias ? tf.add(y, bias) : y;
    },
    backward: (R, [x]) => {
      const spreadR = spread(R, s);
      const before = k - 1 - p;
      const after = x!.shape[1] - spreadR.shape[1] - before + k - 1;
      return [before === after ? convolve(spreadR, turned, 1, before) : convolve(pad(spreadR, before, after), turned, 1, 0)];
    },
  };
}

function batchNorm({ eps }: LeafAttributes<'BatchNorm2d'>, { running_mean, running_var, weight, bias }: Weights): Layer {
  const scale = (): tf.Tensor => tf.mul(tf.rsqrt(tf.add(running_var!, constant([eps], []))), weight!);
  return {
    forward: (x) => {
      const s = scale();
      const shift = tf.neg(tf.mul(running_mean!, s));
      return tf.add(tf.mul(x!, s), tf.add(bias!, shift));
    },
    backward: (R) => [tf.mul(R, scale())],
  };
}

/** Windows that tile the picture. */
function maxPool(window: LeafAttributes<'MaxPool2d'>): Layer {
  const [k, s] = [window.kernelSize[0], window.stride[0]];
  return { forward: (x) => tf.maxPool(x!, k, s, 'valid'), backward: (R, [x], y) => [firstMaximum(R, x!, y as T4, window)] };
}

function zeroPad({ padding: [left, right, top, bottom] }: LeafAttributes<'ZeroPad2d'>): Layer {
  return {
    forward: (x) => tf.pad(x!, [[0, 0], [top, bottom], [left, right], [0, 0]]).clone(),
    backward: (R, [x]) => [tf.slice(R, [0, top, left, 0], x!.shape).clone()],
  };
}

function linear({ weight, bias }: Weights): Layer {
  return {
    forward: (x) => tf.add(tf.matMul(x as tf.Tensor, weight!, false, true), bias!),
    backward: (R) => [tf.matMul(R as tf.Tensor, weight!)],
  };
}

function pad(x: T4, before: number, after: number): T4 {
  const [n, h, w, c] = x.shape;
  const size = after < 0 ? [h + after, w + after] : [h, w];
  const cut = after < 0 ? tf.slice(x, [0, 0, 0, 0], [n, size[0]!, size[1]!, c]) : x;
  const margin: [number, number] = [before, Math.max(0, after)];
  return tf.pad(cut, [[0, 0], margin, margin, [0, 0]]);
}

/** With stride − 1 zeros after each row and column. */
function spread(x: T4, stride: number): T4 {
  if (stride === 1) return x;
  const [n, h, w, c] = x.shape;
  const columns = tf.pad(tf.reshape(x, [n * h, w, c]), [[0, 0], [0, 0], [0, (stride - 1) * c]]);
  const rows = tf.pad(tf.reshape(columns, [n * h, 1, w * stride * c]), [[0, 0], [0, stride - 1], [0, 0]]);
  return tf.reshape(rows, [n, h * stride, w * stride, c]);
}
