import type { Variable } from '../autograd/variable.js';
import { adaptiveWindow } from '../ops/axis-maps.js';
import type { Size2 } from '../ops/windows.js';
import type { GradientRules } from '../rules.js';
import { maxPool2d } from './max-pool2d.js';
import { indexSelect } from './along-dim.js';

/**
 * To rows × columns; null: the size of x. Windows that are shorter than others repeat their last element, which as a
 * later one takes no gradient, so that they tile an axis.
 */
export function adaptiveMaxPool2d(
  x: Variable,
  outputSize: readonly [number | null, number | null],
  rules: GradientRules,
): Variable {
  const axes = ([0, 1] as const).map((i) => adaptiveWindows(x.shape[i + 1]!, outputSize[i] ?? x.shape[i + 1]!));
  const tiled = axes.reduce((v, { index, isWhole }, i) => (isWhole ? v : indexSelect(v, 2 + i, index)), x);
  const kernelSize: Size2 = [axes[0]!.length, axes[1]!.length];
  const windows = { kernelSize, stride: kernelSize, padding: [0, 0], dilation: [1, 1], ceilMode: false } as const;
  return maxPool2d(tiled, windows, rules);
}

interface Windows {
  /** Positions of all windows' elements, one window after another. */
  readonly index: readonly number[];
  /** Of each window. */
  readonly length: number;
  /** The windows tile the axis as it is. */
  readonly isWhole: boolean;
}

export function adaptiveWindows(from: number, to: number): Windows {
  const windows = Array.from({ length: to }, (_, i) => adaptiveWindow(i, from, to));
  const length = Math.max(...windows.map(([begin, end]) => end - begin));
  const index = windows.flatMap(([begin, end]) => Array.from({ length }, (_, k) => Math.min(begin + k, end - 1)));
  return { index, length, isWhole: from % to === 0 };
}
