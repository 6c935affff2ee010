/**
 * What benchmarks ask the process or page where a backend is open; the answers are `Timed`, and a number of
 * multiply-adds.
 */
import type { HostTensor } from '@touchstone/contract';
import type { ExplainRequest } from '@touchstone/session';

export type SpeedQuestion =
  /** The request, by our method or by stock TF.js (SmoothGrad only), once; the stage `answer` is sent along. */
  | {
      readonly kind: 'time';
      readonly request: ExplainRequest;
      readonly by: 'ours' | 'stock';
      readonly answer: string | null;
      /** How many threads share the work; 1: none does. */
      readonly workers: number;
    }
  /** A product of two matrices size × size: what the backend can do at most. */
  | { readonly kind: 'product'; readonly size: number }
  /** Of one forward pass of the request's network on its x. */
  | { readonly kind: 'multiply-adds'; readonly request: ExplainRequest };

/** One run on the clock. Loading a network is not on it, reading the answer back is. */
export interface Timed {
  readonly milliseconds: number;
  /** Of all the process's threads; null where it is not known. */
  readonly processorMilliseconds: number | null;
  readonly answer: HostTensor | null;
  readonly leaked: number;
  /** The most memory held during the run, weights included; null: not known. */
  readonly peakBytes: number | null;
}
