import { windowCount } from '@touchstone/network';

export type Size2 = readonly [number, number];

export interface Windows {
  readonly kernelSize: Size2;
  readonly stride: Size2;
  readonly padding?: Size2;
  readonly dilation?: Size2;
  readonly ceilMode?: boolean;
}

/** Rows and columns of the input → those of the output. */
export function sizeOf({
  kernelSize,
  stride,
  padding = [0, 0],
  dilation = [1, 1],
  ceilMode = false,
}: Windows): (from: Size2) => Size2 {
  const count = (from: number, i: 0 | 1) =>
    windowCount(from, {
      kernelSize: kernelSize[i],
      stride: stride[i],
      padding: padding[i],
      dilation: dilation[i],
      ceilMode,
    });
  return ([h, w]) => [count(h, 0), count(w, 1)];
}
