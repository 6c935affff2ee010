/** What benchmarks ask the process or page of a session. The answer is `Timed`, or the number of multiply-adds. */
import type { HostTensor } from '@touchstone/contract';
import type { ExplainRequest } from '@touchstone/session';

export type SpeedQuestion =
  /** One run of the request, by our method or by stock TF.js (SmoothGrad only); `answer` is a stage to return. */
  | {
      readonly kind: 'time';
      readonly request: ExplainRequest;
      readonly by: 'ours' | 'stock';
      readonly answer: string | null;
      /** Size of the worker pool; 1: no pool. */
      readonly workers: number;
    }
  /** A product of two matrices size × size: the most that the backend can do. */
  | { readonly kind: 'product'; readonly size: number }
  /** Of one forward pass of the request's network on its x. */
  | { readonly kind: 'multiply-adds'; readonly request: ExplainRequest };

/** One timed run: without loading the network, but with reading the answer back. */
export interface Timed {
  readonly milliseconds: number;
  /** Of all threads of the process; null: not known. */
  readonly processorMilliseconds: number | null;
  readonly answer: HostTensor | null;
  /** Tensors left behind. */
  readonly leaked: number;
  /** The most memory held during the run, weights included; null: not known. */
  readonly peakBytes: number | null;
}
