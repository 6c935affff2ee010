export type { Benchmark, BenchmarkOptions, BenchmarkRow } from './benchmark.js';
export { historyLine, machineSlug, readHistory, readRows, readStored, type Stamp, type StoredRow, type StoredRun } from './history.js';
export { drawOverTime } from './plot/over-time.js';
export { drawThroughput } from './plot/throughput.js';
export { runBenchmarks } from './run-benchmarks.js';
export { notesOf, tableOf } from './table.js';
export { gate, gateStatus, type GateRow } from './gate/gate.js';
