/**
 * Attributes that are legal for a shape: PyTorch refuses windows larger than what they slide over, and padding beyond
 * half of a pooling window.
 */
import type { Conv, Pool } from './steps.js';

/** [C,H,W] */
export type Shape = readonly [number, number, number];

const maxChannels = 8;

/** An axis of a window. */
interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

const reach = ({ kernel, dilation }: Axis): number => dilation * (kernel - 1) + 1;

export function fitConv(conv: Conv, [c, h, w]: Shape, keep: boolean) {
  const fit = (i: 0 | 1, size: number): Axis => {
    const drawn = {
      kernel: conv.kernel[i],
      stride: conv.stride[i],
      padding: conv.padding[i],
      dilation: conv.dilation[i],
    };
    if (keep) {
      const kernel = drawn.kernel > 1 ? 3 : 1;
      return { kernel, stride: 1, padding: (drawn.dilation * (kernel - 1)) / 2, dilation: drawn.dilation };
    }
    if (reach(drawn) <= size + 2 * drawn.padding) return drawn;
    return { ...drawn, dilation: 1, kernel: Math.min(drawn.kernel, size + 2 * drawn.padding) };
  };
  const axes = [fit(0, h), fit(1, w)] as const;
  const groups = conv.grouping === 'depthwise' ? c : conv.grouping === 'groups' && c % 2 === 0 ? 2 : 1;
  const multiplier = 1 + (conv.out % 2);
  const outChannels =
    conv.grouping === 'depthwise'
      ? c * (c * multiplier > maxChannels ? 1 : multiplier)
      : Math.ceil(conv.out / groups) * groups;
  const sized = (size: number, axis: Axis) => Math.floor((size + 2 * axis.padding - reach(axis)) / axis.stride) + 1;
  return {
    shape: [outChannels, sized(h, axes[0]), sized(w, axes[1])] as Shape,
    attributes: { inChannels: c, outChannels, groups, ...window(axes) },
  };
}

/** `exact`: averages divide by powers of two only. */
export function fitPool(pool: Pool, [c, h, w]: Shape, { keep, exact }: { keep: boolean; exact: boolean }) {
  const average = pool.kind === 'avgPool';
  const divisor = average && exact && keep ? (pool.divisor ?? 8) : pool.divisor;
  const wholeWindows = average && exact && divisor === null;
  const fit = (i: 0 | 1, size: number): Axis => {
    if (keep) {
      const kernel = pool.kernel[i] > 1 ? 3 : 1;
      return { kernel, stride: 1, padding: (kernel - 1) / 2, dilation: 1 };
    }
    const kernel = Math.min(pool.kernel[i], size, wholeWindows ? 2 : Infinity);
    const axis = {
      kernel,
      stride: pool.stride[i],
      padding: Math.min(pool.padding[i], Math.floor(kernel / 2)),
      dilation: average ? 1 : pool.dilation[i],
    };
    return reach(axis) <= size + 2 * axis.padding ? axis : { ...axis, dilation: 1 };
  };
  const axes = [fit(0, h), fit(1, w)] as const;
  const ceilMode = pool.ceilMode && !wholeWindows;
  const { dilation, ...rest } = window(axes);
  return {
    shape: [c, pooledSize(h, axes[0], ceilMode), pooledSize(w, axes[1], ceilMode)] as Shape,
    attributes: average
      ? { ...rest, ceilMode, countIncludePad: pool.countIncludePad || wholeWindows, divisorOverride: divisor }
      : { ...rest, ceilMode, dilation },
  };
}

/**
 * torch/csrc: pooling_output_shape. With `ceil_mode` the last window must begin inside the input or its left padding.
 */
function pooledSize(size: number, axis: Axis, ceilMode: boolean): number {
  const steps = (size + 2 * axis.padding - reach(axis)) / axis.stride;
  const windows = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
  return ceilMode && (windows - 1) * axis.stride >= size + axis.padding ? windows - 1 : windows;
}

function window([y, x]: readonly [Axis, Axis]) {
  const both = (of: (axis: Axis) => number): [number, number] => [of(y), of(x)];
  return {
    kernelSize: both((axis) => axis.kernel),
    stride: both((axis) => axis.stride),
    padding: both((axis) => axis.padding),
    dilation: both((axis) => axis.dilation),
  };
}
