export type { Benchmark, BenchmarkOptions, BenchmarkRow } from './benchmark.js';
export { benchmarks, findBenchmark } from './registry.js';
export { formatTable } from './table.js';
