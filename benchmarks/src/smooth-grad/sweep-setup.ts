import type { Backend } from '@touchstone/backends';
import type { ExplainRequest } from '@touchstone/session';
import type { BenchmarkOptions, SweepRow } from '../benchmark.js';
import type { TimedSession } from '../timed-session.js';
import type { BenchmarkNetwork } from './networks.js';
import type { PyTorch } from '../pytorch.js';

/** One network on one backend, and the contestants of its sweep. */
export interface SweepSetup {
  readonly network: BenchmarkNetwork;
  readonly backend: Backend;
  readonly job: ExplainRequest;
  readonly ours: TimedSession;
  readonly stock: TimedSession;
  readonly pytorch: PyTorch | null;
  readonly oracle: TimedSession;
  /** The batch sizes that an interrupted run has measured. */
  readonly known: readonly SweepRow[];
  readonly options: BenchmarkOptions;
  readonly tell: (message: string) => void;
}
