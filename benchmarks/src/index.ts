export { publishedRow, type BenchmarkRow, type Benchmark, type BenchmarkOptions } from './benchmark.js';
export {
  historyLine,
  lastRunLike,
  machineSlug,
  readHistory,
  readRows,
  type Stamp,
  type StoredRow,
  type StoredRun,
} from './history.js';
export { drawOverTime } from './plot/over-time.js';
export { drawThroughput } from './plot/throughput.js';
export { runBenchmarks } from './run-benchmarks.js';
export { forBencher, forGitHubAction, type TrackedRow } from './tracked.js';
export { notesOf, tablesOf } from './table.js';
export { gate, gateStatus, type GateRow } from './gate/gate.js';
export { gatePort } from './gate/gate-port.js';
