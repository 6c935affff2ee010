/** Along one axis. */
export interface AxisWindow {
  readonly kernelSize: number;
  readonly stride: number;
  /** At both ends. */
  readonly padding: number;
  readonly dilation?: number;
  readonly ceilMode?: boolean;
}

/**
 * How many windows an axis of length `from` has, as PyTorch counts them: with `ceilMode` the last one must begin inside
 * the input or its left padding. Less than 1: none fits.
 */
export function windowCount(
  from: number,
  { kernelSize, stride, padding, dilation = 1, ceilMode = false }: AxisWindow,
): number {
  const steps = (from + 2 * padding - dilation * (kernelSize - 1) - 1) / stride;
  const count = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
  return ceilMode && (count - 1) * stride >= from + padding ? count - 1 : count;
}
