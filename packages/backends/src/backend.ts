/** Whether a backend can serve on this machine, and as what. */
export type Availability =
  | { readonly status: 'available'; readonly device: string; readonly precision: 'float32' | 'float64' }
  | { readonly status: 'unavailable'; readonly reason: string };

/** An engine that runs TF.js kernels. All backends of a process share one TF.js engine: open one per process. */
export interface Backend {
  /** The name under which TF.js knows it, and under which people ask for it. */
  readonly id: string;
  readonly title: string;
  /** Runs when nobody asks for particular backends. */
  readonly default: boolean;
  /** The same call gives the same bits. */
  readonly deterministic: boolean;
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
}
