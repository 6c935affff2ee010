/**
 * The decisions at the switch points of a method's backward passes: recorded on one backend, replayed on another.
 * Forward values are continuous there and differ only by rounding, but the side of a unit decides its whole gradient.
 */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor } from '@touchstone/contract';
import { constant, firstMaximum, offsets, unfoldAt, type GradientRules, type Window } from '@touchstone/network';

/** In the order of the backward passes, in the backends' layout: NHWC where 4-D. */
export interface SwitchPoints {
  /** Per call of ReLU and ReLU6 its derivative, 0 or 1. */
  readonly relus: readonly { readonly shape: readonly number[]; readonly data: Uint8Array }[];
  /** Per call of MaxPool2d its padded input and its output. */
  readonly pools: readonly { readonly x: HostTensor; readonly y: HostTensor }[];
}

/** What decides, with the values from which distances are measured. */
export interface SwitchValues extends SwitchPoints {
  /** The inputs of the ReLUs. */
  readonly inputs: readonly HostTensor[];
  /** The windows of the pools. */
  readonly windows: readonly Window[];
}

/** How the recorded decisions differ from those of the backend that replays them. */
export interface SwitchPointDifference {
  /** Units (of a pool: windows) that were on the other side. */
  readonly flipped: number;
  /**
   * The largest distance of one of them from its switch point on this backend, relative to the largest |value| of its
   * call.
   */
  readonly furthest: number;
}

/** Bounds the memory of a recording: 128 MiB on the backend, a quarter of it for masks in plain memory. */
const maxUnits = 2 ** 25;

interface Watch<T> {
  readonly rules: Partial<GradientRules>;
  read(): Promise<T>;
  /** Disposes the recorded tensors. */
  stop(): void;
}

export function recordSwitchPoints(): Watch<SwitchPoints> {
  const relus: tf.Tensor[] = [];
  const pools: { x: tf.Tensor; y: tf.Tensor }[] = [];
  let units = 0;
  const keep = (tensor: tf.Tensor): tf.Tensor => {
    units += tensor.size;
    if (units > maxUnits)
      throw new TouchstoneError(
        'unsupported',
        `the network has more than ${maxUnits} units at ReLUs and pools, too many to record`,
      );
    return tf.keep(tensor.clone());
  };
  return {
    rules: {
      atRelu: (derivative) => {
        relus.push(keep(derivative));
        return derivative;
      },
      atMaxPool: (x, y) => {
        pools.push({ x: keep(x), y: keep(y) });
        return [x, y];
      },
    },
    read: async () => {
      const recorded: { relus: SwitchPoints['relus'][number][]; pools: SwitchPoints['pools'][number][] } = {
        relus: [],
        pools: [],
      };
      for (const mask of relus) recorded.relus.push({ shape: mask.shape, data: Uint8Array.from(await mask.data()) });
      for (const { x, y } of pools) recorded.pools.push({ x: await readRaw(x), y: await readRaw(y) });
      return recorded;
    },
    stop: () => void tf.dispose([...relus, ...pools.flatMap(({ x, y }) => [x, y])]),
  };
}

/** As `recordSwitchPoints`, with the values. For float64, where they are exact. */
export function recordSwitchValues(): Watch<SwitchValues> {
  const { rules, read, stop } = recordSwitchPoints();
  const inputs: tf.Tensor[] = [];
  const windows: Window[] = [];
  return {
    rules: {
      ...rules,
      atRelu: (derivative, input) => {
        inputs.push(tf.keep(input.clone()));
        return rules.atRelu!(derivative, input);
      },
      maxPool: (R, x, y, window) => {
        windows.push(window);
        return firstMaximum(R, x, y, window);
      },
    },
    read: async () => {
      const values: HostTensor[] = [];
      for (const input of inputs) values.push(await readRaw(input));
      return { ...(await read()), inputs: values, windows };
    },
    stop: () => {
      stop();
      tf.dispose(inputs);
    },
  };
}

/**
 * Forces the recorded decisions on the backward passes of the same method, and measures their distance from the
 * backend's own.
 */
export function replaySwitchPoints(recorded: SwitchPoints): Watch<SwitchPointDifference> {
  const seen: tf.Tensor[] = [];
  const counts = { relus: 0, pools: 0 };
  const next = <K extends keyof SwitchPoints>(kind: K): SwitchPoints[K][number] => {
    const call = recorded[kind][counts[kind]++];
    if (!call) throw anotherRun();
    return call;
  };
  return {
    rules: {
      atRelu: (derivative, input) => {
        const mask = next('relus');
        const forced = known(mask, derivative);
        seen.push(tf.keep(reluDifference(forced, derivative, input)));
        return forced;
      },
      maxPool: (R, x, y, window) => {
        const call = next('pools');
        const [forcedX, forcedY] = [known(call.x, x), known(call.y, y)];
        seen.push(tf.keep(poolDifference(forcedX, forcedY, x, y, window)));
        return firstMaximum(R, forcedX, forcedY, window);
      },
    },
    read: async () => {
      if (counts.relus !== recorded.relus.length || counts.pools !== recorded.pools.length) throw anotherRun();
      let [flipped, furthest] = [0, 0];
      for (const tensor of seen) {
        const [count, distance, largest, lost] = (await tensor.data()) as unknown as [number, number, number, number];
        flipped += count;
        if (distance !== 0) furthest = Math.max(furthest, distance / largest);
        if (lost !== 0) furthest = Infinity;
      }
      return { flipped, furthest };
    },
    stop: () => void tf.dispose(seen),
  };
}

function anotherRun(): TouchstoneError {
  return new TouchstoneError(
    'bad-input',
    'the recorded switch points belong to another run',
    'Replay with the same method, network, input and parameters.',
  );
}

function known<T extends tf.Tensor>({ shape, data }: SwitchPoints['relus'][number] | HostTensor, like: T): T {
  if (shape.length !== like.rank || shape.some((n, i) => n !== like.shape[i])) throw anotherRun();
  return constant(data, shape) as T;
}

/** [units that differ, the largest distance of one of them from its switch point, the largest |value|, 0] */
function reluDifference(forced: tf.Tensor, own: tf.Tensor, input: tf.Tensor): tf.Tensor1D {
  return tf.tidy(() => {
    const differs = tf.abs(tf.sub(own, forced));
    const aboveSix = tf.sub(input, constant([6], []));
    // If a value above 6 passes its gradient, the call is a ReLU, for which 6 is not a switch point.
    const isRelu = tf.max(tf.mul(own, tf.step(aboveSix)));
    const size = tf.max(tf.abs(input));
    const distance = tf.minimum(tf.abs(input), tf.add(tf.abs(aboveSix), tf.mul(isRelu, size)));
    return tf.stack([tf.sum(differs), tf.max(tf.mul(differs, distance)), size, constant([0], [])]) as tf.Tensor1D;
  });
}

/**
 * The same for a pool: the distance is that of the window's maximum, on this backend, from the recorded winner. The
 * last number is 1 where a recorded maximum is not one of its window's values.
 */
function poolDifference(
  forcedX: tf.Tensor4D,
  forcedY: tf.Tensor4D,
  x: tf.Tensor4D,
  y: tf.Tensor4D,
  window: Window,
): tf.Tensor1D {
  return tf.tidy(() => {
    const size: [number, number] = [y.shape[1], y.shape[2]];
    const none = tf.zerosLike(y);
    let [forcedLeft, ownLeft] = [tf.onesLike(y), tf.onesLike(y)];
    let [agrees, lead] = [none, none];
    for (const offset of offsets(window)) {
      const at = (t: tf.Tensor4D): tf.Tensor4D => unfoldAt(t, offset, window.stride, size);
      const forced = tf.where(tf.equal(at(forcedX), forcedY), forcedLeft, none);
      const own = tf.where(tf.equal(at(x), y), ownLeft, none);
      forcedLeft = tf.sub(forcedLeft, forced);
      ownLeft = tf.sub(ownLeft, own);
      agrees = tf.add(agrees, tf.mul(forced, own));
      lead = tf.where(tf.greater(forced, none), tf.sub(y, at(x)), lead);
    }
    return tf.stack([
      tf.sum(tf.sub(tf.onesLike(y), agrees)),
      tf.max(lead),
      tf.max(tf.abs(y)),
      tf.max(forcedLeft),
    ]) as tf.Tensor1D;
  });
}

async function readRaw(tensor: tf.Tensor): Promise<HostTensor> {
  const data: unknown = await tensor.data();
  return { shape: tensor.shape, data: data instanceof Float64Array ? data : Float32Array.from(data as Float32Array) };
}
