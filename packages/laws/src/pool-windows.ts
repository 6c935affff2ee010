/**
 * The elements that each window of a max pool covers, in the order of PyTorch's loops. The reference for ties and for
 * the partial windows of `ceil_mode`.
 */
import type { LeafAttributes } from '@touchstone/contract';

/**
 * For each output element [N,H',W',C], the indices of the input elements [N,H,W,C] that its window covers, in
 * row-major order of the window; positions in the padding are left out.
 */
export function poolWindows(
  { kernelSize, stride, padding, dilation, ceilMode }: LeafAttributes<'MaxPool2d'>,
  shape: readonly number[],
): number[][] {
  const [n, h, w, c] = shape as [number, number, number, number];
  const count = (i: 0 | 1, size: number): number => {
    const steps = (size + 2 * padding[i] - dilation[i] * (kernelSize[i] - 1) - 1) / stride[i];
    const windows = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
    return ceilMode && (windows - 1) * stride[i] >= size + padding[i] ? windows - 1 : windows;
  };
  const windows: number[][] = [];
  for (let image = 0; image < n; image++) {
    for (let row = 0; row < count(0, h); row++) {
      for (let column = 0; column < count(1, w); column++) {
        for (let channel = 0; channel < c; channel++) {
          const covered: number[] = [];
          for (let ky = 0; ky < kernelSize[0]; ky++) {
            for (let kx = 0; kx < kernelSize[1]; kx++) {
              const y = row * stride[0] - padding[0] + ky * dilation[0];
              const x = column * stride[1] - padding[1] + kx * dilation[1];
              if (y >= 0 && y < h && x >= 0 && x < w) covered.push(((image * h + y) * w + x) * c + channel);
            }
          }
          windows.push(covered);
        }
      }
    }
  }
  return windows;
}
