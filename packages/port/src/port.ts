/** What a JavaScript port is, and what it is given: way 1 of the port protocol. */
import type { NetworkDescription, Target } from '@touchstone/contract';

/** Of images, of fixtures and of every stage with 4 dimensions. */
export type Layout = 'NCHW' | 'NHWC';

/** A dense tensor, row-major. */
export interface PortTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** The default export of a port that is a module. */
export interface Port {
  readonly name: string;
  readonly version: string;
  /** The layout of what it is given and of what it returns; default NCHW. */
  readonly layout?: Layout;
  /** Of the images that it is given; default float32. */
  readonly dtype?: 'float32' | 'float64';
  /** Id of a method → how the port computes it. A method that is not here is unsupported, not wrong. */
  readonly methods: Readonly<Record<string, PortMethod>>;
}

/** Throw an error with the `code` `'unsupported'` for a job that the port cannot do. */
export type PortMethod = (job: PortJob) => PortAnswer | Promise<PortAnswer>;

/** Stage → its values; `attribution` is always required, and the stages that the case is about. */
export type PortAnswer = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> } | undefined>
>;

/** One explanation that a port is asked for. Everything in it is the port's own copy. */
export interface PortJob {
  readonly network: PortNetwork;
  /** `x`: the preprocessed images, [N,C,H,W] or, where the port declares it, [N,H,W,C]. */
  readonly inputs: { readonly x: PortTensor };
  /** Stored randomness, such as `noise`, in the same layout. */
  readonly fixtures: Readonly<Record<string, PortTensor>>;
  readonly target: Target;
  /** All of the method's parameters. `layer` and `linear` name a module, except that t-SNE's `layer` may be null. */
  readonly params: Readonly<Record<string, unknown>>;
}

export interface PortNetwork {
  /** Holds network.json and, unless they are seeded, weights.safetensors. */
  readonly folder: string;
  /** The parsed network.json. */
  readonly description: NetworkDescription;
  /** Under PyTorch's names, as PyTorch has them: convolutions are [out, in / groups, height, width]. */
  readonly weights: Readonly<Record<string, PortTensor>>;
}
