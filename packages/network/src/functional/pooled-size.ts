import type { Size2 } from '../ops/windows.js';
import { tooSmall } from './too-small.js';

export interface PoolSettings {
  readonly kernelSize: Size2;
  readonly stride: Size2;
  readonly padding: Size2;
  readonly ceilMode: boolean;
}

/**
 * PyTorch's output size along axis i; with `ceil_mode` the last window must begin inside the input or its left padding.
 *
 * @throws `bad-input` where no window fits
 */
export function pooledSize(
  from: number,
  i: 0 | 1,
  { kernelSize, stride, padding, ceilMode }: PoolSettings,
  dilation = 1,
): number {
  const span = from + 2 * padding[i] - dilation * (kernelSize[i] - 1) - 1;
  const size = (ceilMode ? Math.ceil(span / stride[i]) : Math.floor(span / stride[i])) + 1;
  if (size < 1) throw tooSmall('pooling', from, kernelSize[i]);
  return ceilMode && (size - 1) * stride[i] >= from + padding[i] ? size - 1 : size;
}
