/** What every part of the domain is made of. */
import { z } from 'zod';

/** A dense tensor in plain memory, row-major; NCHW when it is 4-D. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** Stage name → tensor, in the order in which the stages are computed and compared. */
export type Stages = Record<string, HostTensor>;

/** A name that may become a folder: letters, digits, `.`, `_`, `-`; slashes between; no part may begin with a dot. */
export const Name = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)*$/, 'letters, digits, ".", "_", "-", parts separated by "/"');

export const Size = z.number().int().min(0).max(1_000_000);
/** Position of an element within one row of a batch; a real network's maps have more than a million. */
export const Index = z.number().int().min(0);
