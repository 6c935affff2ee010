/** What a backend computes on. */
export interface Device {
  /** In words. */
  readonly device: string;
  /** A program in place of the GPU that the backend is made for. */
  readonly softwareRenderer: boolean;
}

/** Whether a backend can serve on this machine, and as what. `float16`: numbers are kept in half precision, a tier of its own. */
export type Availability =
  | (Device & { readonly status: 'available'; readonly precision: 'float16' | 'float32' | 'float64' })
  | { readonly status: 'unavailable'; readonly reason: string };

/** Where an engine can run: a page in a browser, or a process of Node. */
export type Home = 'page' | 'process';

/** An engine that runs TF.js kernels. All backends of a process share one TF.js engine: open one per process. */
export interface Backend {
  /** The name under which TF.js knows it, and under which people ask for it. */
  readonly id: string;
  readonly title: string;
  /** The same call gives the same bits. */
  readonly deterministic: boolean;
  /** The best first; the next where there it is unavailable. */
  readonly homes: readonly Home[];
  /** Single-threaded, and each thread of a process can have one of its own: several together use the cores. */
  readonly supportsWorkers: boolean;
  /** What the activations of one forward and backward pass may take, in bytes: more is not faster, or does not fit everywhere (docs/adr/0010-batch-size.md). */
  readonly passBytes: number;
  /** About how much it gets done of a network's convolutions and linear layers on one ordinary core; for estimates of time. */
  readonly multiplyAddsPerSecond: number;
  /** The device of PyTorch that benchmarks compare it with; left out: `cpu`. */
  readonly pytorchDevice?: string;
  /**
   * Loads the engine and computes a sum on it; never throws. Afterwards the backend that was selected before is selected
   * again; where there was none, the probed one stays.
   */
  probe(): Promise<Availability>;
  /**
   * Registers and selects the TF.js backend in this process; opening it again does no harm.
   * @throws TouchstoneError `backend-unavailable`
   */
  open(): Promise<void>;
  /** Why what it was opened on computes no more; null: it does. Left out: it always does. */
  whyLost?(): string | null;
}
