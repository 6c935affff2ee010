/** A fault of what is done with a finished map, on plain memory: it can come on top of any other fault. */
import type { HostTensor } from '@touchstone/contract';
import type { Remedy } from '../core/mutant.js';

/** A fault, as it is named. */
export interface Part {
  /** Of a mutant; null: the fault is another setting or another method. */
  readonly id: string | null;
  /** Of a fault without a mutant, such as another layer: what is asked again of other answers. */
  readonly kind?: string | undefined;
  readonly fault: string;
  readonly remedy: Remedy | null;
}

/** Maps [N,C,H,W] → maps. */
export interface FinishStep extends Part {
  readonly id: string;
  readonly remedy: Remedy;
  /** Of one image it is another fault. */
  readonly needsBatch?: boolean;
  readonly apply: (maps: HostTensor) => HostTensor;
}

/** Each image by itself. */
export function perImage({ shape, data }: HostTensor, change: (values: Float64Array) => ArrayLike<number>): HostTensor {
  const size = data.length / Math.max(shape[0] ?? 1, 1);
  const changed = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += size)
    changed.set(change(new Float64Array(data.subarray(start, start + size))), start);
  return { shape, data: changed };
}

/** Each value by itself. */
export function perValue({ shape, data }: HostTensor, change: (value: number) => number): HostTensor {
  return { shape, data: new Float64Array(data).map(change) };
}

export function limits(values: ArrayLike<number>): { least: number; most: number } {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    least = Math.min(least, values[i]!);
    most = Math.max(most, values[i]!);
  }
  return { least, most };
}
