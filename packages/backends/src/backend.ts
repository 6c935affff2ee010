/** What a backend computes on. */
export interface Device {
  /** For a person, such as `wasm simd, 1 thread`. */
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

/** Where an engine can run: a page in a browser, or a process of Node. */
export type Runtime = 'page' | 'process';

/** What runs TF.js kernels. All backends of a process share one TF.js engine: open one per process. */
export interface Backend {
  /** Its name in TF.js and for users. */
  readonly id: string;
  readonly title: string;
  /** Whether the same call gives the same bits. */
  readonly deterministic: boolean;
  /** The best first; the next where there it is unavailable. */
  readonly runtimes: readonly Runtime[];
  /** Whether each thread of a process can open its own, so that several of them use all cores. */
  readonly supportsWorkers: boolean;
  /**
   * The most bytes that the activations of one forward and backward pass may take: more is not faster, or does not fit
   * everywhere (docs/adr/0010-batch-size.md).
   */
  readonly passBytes: number;
  /** Approximate speed on the convolutions and linear layers of a network, on one core; for estimates of time. */
  readonly multiplyAddsPerSecond: number;
  /** The PyTorch device that benchmarks compare it with; left out: `cpu`. */
  readonly pytorchDevice?: string;
  /**
   * Opens the backend and computes on it; never throws. The backend that was selected before is selected again; if
   * there was none, the probed one stays selected.
   */
  probe(): Promise<Availability>;
  /**
   * Registers and selects the TF.js backend in this process; may be called again.
   * @throws TouchstoneError `backend-unavailable`
   */
  open(): Promise<void>;
  /** Why the opened device no longer computes; null: it does. Left out: it cannot be lost. */
  whyLost?(): string | null;
}
