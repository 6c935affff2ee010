/** The device that a backend computes on. */
export interface Device {
  /** A description for people, such as `wasm simd, 1 thread`. */
  readonly device: string;
  /** Whether a software renderer (SwiftShader, llvmpipe) replaces the GPU that the backend is made for. */
  readonly softwareRenderer: boolean;
}

/**
 * Whether a backend works on this machine. `precision` is measured; with `float16` it is judged with float16
 * tolerances.
 */
export type Availability =
  | (Device & { readonly status: 'available'; readonly precision: 'float16' | 'float32' | 'float64' })
  | { readonly status: 'unavailable'; readonly reason: string };

/** Where a backend can run: a page in a browser, or a Node.js process. */
export type Runtime = 'page' | 'process';

/** Runs TF.js kernels. All backends of a process share one TF.js engine, so open one per process. */
export interface Backend {
  /** Its name in TF.js and for users. */
  readonly id: string;
  readonly title: string;
  /** Whether the same call gives the same bits. */
  readonly deterministic: boolean;
  /** In order of preference; the next is used where one is unavailable. */
  readonly runtimes: readonly Runtime[];
  /** Whether worker threads can each open it, so that several use all cores. */
  readonly supportsWorkers: boolean;
  /**
   * The most bytes for the activations of one forward and backward pass: more is not faster, or does not fit everywhere
   * (docs/adr/0010-batch-size.md).
   */
  readonly passBytes: number;
  /** Approximate speed of convolutions and linear layers on one core, for time estimates. */
  readonly multiplyAddsPerSecond: number;
  /** Whether its kernels are ours, so that its answers say nothing of TF.js's. */
  readonly ownKernels?: boolean;
  /** The PyTorch device that benchmarks compare it with; `gpu`: a GPU if there is one; undefined: `cpu`. */
  readonly pytorchDevice?: 'cpu' | 'cuda' | 'gpu';
  /**
   * Opens the backend and computes on it; never throws. Afterwards the previously selected backend is selected again,
   * if there was one.
   */
  probe(): Promise<Availability>;
  /**
   * Registers and selects the TF.js backend in this process; may be called again.
   * @throws TouchstoneError `backend-unavailable`
   */
  open(): Promise<void>;
  /** Why the opened device no longer computes; null: it does. Undefined: it cannot be lost. */
  whyLost?(): string | null;
}
