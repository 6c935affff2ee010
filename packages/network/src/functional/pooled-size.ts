import { windowCount } from '../ops/window-count.js';
import type { Size2 } from '../ops/windows.js';
import { tooSmall } from './too-small.js';

export interface PoolSettings {
  readonly kernelSize: Size2;
  readonly stride: Size2;
  readonly padding: Size2;
  readonly ceilMode: boolean;
}

/** PyTorch's output size along axis i. @throws `bad-input` where no window fits */
export function pooledSize(
  from: number,
  i: 0 | 1,
  { kernelSize, stride, padding, ceilMode }: PoolSettings,
  dilation = 1,
): number {
  const axis = { kernelSize: kernelSize[i], stride: stride[i], padding: padding[i], dilation, ceilMode };
  const size = windowCount(from, axis);
  if (size < 1) throw tooSmall('pooling', from, kernelSize[i]);
  return size;
}
