/** Average pooling and resizing: linear, separable functions of rows and columns. [N,H,W,C] → [N,H',W',C]. */
import type { Variable } from '../autograd/variable.js';
import { adaptivePoolMap, applyAxisMaps, averagePoolMap, type AxisMap } from '../ops/axis-maps.js';
import { resizeMaps, type Resizing } from '../ops/resize-maps.js';
import type { Size2 } from '../ops/windows.js';
import { pooledSize, type PoolSettings } from './pooled-size.js';
import { result4 } from './result4.js';

/** @throws `bad-input` where no window fits */
export function avgPool2d(
  x: Variable,
  settings: PoolSettings & { readonly countIncludePad: boolean; readonly divisorOverride: number | null },
): Variable {
  const [, h, w] = x.shape as Size4;
  const axis = (i: 0 | 1, from: number) =>
    averagePoolMap(from, pooledSize(from, i, settings), {
      kernelSize: settings.kernelSize[i],
      stride: settings.stride[i],
      padding: settings.padding[i],
      divisor: (padded, inside) =>
        settings.divisorOverride ? [settings.divisorOverride, 1][i]! : settings.countIncludePad ? padded : inside,
    });
  return mapped('avg_pool2d', x, axis(0, h), axis(1, w), [x]);
}

/** To rows × columns; null: the size of x. */
export function adaptiveAvgPool2d(x: Variable, [rows, columns]: readonly [number | null, number | null]): Variable {
  const [, h, w] = x.shape as Size4;
  // For one pixel PyTorch uses the mean, which saves nothing for the backward pass.
  const saves = rows === 1 && columns === 1 ? [] : [x];
  return mapped('adaptive_avg_pool2d', x, adaptivePoolMap(h, rows ?? h), adaptivePoolMap(w, columns ?? w), saves);
}

/**
 * [N,h,w,C] → [N,...size,C], as `F.interpolate`. Where the size stays, the gradient of PyTorch's bicubic mode is R,
 * also where given scales change the values (upsample_bicubic2d_backward).
 */
export function interpolate(
  x: Variable,
  { size, ...how }: Pick<Resizing, 'mode'> & Partial<Resizing> & { readonly size: Size2 },
): Variable {
  const [, h, w] = x.shape as Size4;
  const maps = resizeMaps([h, w], size, { alignCorners: false, scales: null, ...how });
  const copies = how.mode === 'bicubic' && h === size[0] && w === size[1];
  return result4(
    `upsample_${how.mode}2d`,
    x,
    (v) => applyAxisMaps(v, ...maps),
    (R) => (copies ? R.clone() : applyAxisMaps(R, ...maps, true)),
  );
}

type Size4 = [number, number, number, number];

function mapped(
  name: string,
  x: Variable,
  vertical: AxisMap,
  horizontal: AxisMap,
  saves: readonly Variable[],
): Variable {
  return result4(
    name,
    x,
    (v) => applyAxisMaps(v, vertical, horizontal),
    (R) => applyAxisMaps(R, vertical, horizontal, true),
    saves,
  );
}
