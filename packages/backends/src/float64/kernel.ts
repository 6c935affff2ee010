import type { Dense } from './dense.js';

/**
 * A kernel as a pure function: it holds no tensors, so it has none to leak when it throws. A result may share its
 * `data` with an input.
 */
export type Kernel = (inputs: never, attributes: never) => Dense | Dense[];

export type Kernels = Readonly<Record<string, Kernel>>;

/** `Inputs` and `Attributes` are TF.js's own types for the kernel; an optional input that is absent is undefined. */
export function kernel<Inputs, Attributes = unknown>(
  compute: (inputs: { [Name in keyof Inputs]: Dense }, attributes: Attributes) => Dense | Dense[],
): Kernel {
  return compute as Kernel;
}
