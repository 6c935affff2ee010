/**
 * Test files that take longest, the longest first: they start first, so that none of them runs alone at the end. As
 * folder of the package, `src`, and path without `.test.ts`; by the durations in `test-results/tests.json`.
 */
export const longestTests = [
  'packages/laws/src/webgpu',
  'packages/cli/src/attribute',
  'packages/laws/src/webgl',
  'packages/cli/src/iterated',
  'packages/harness/src/run/page-faults',
  'packages/system/src/child-server',
  'packages/harness/src/run/verify-faults',
  'packages/harness/src/run/verify',
  'packages/harness/src/run/fooled-everywhere',
  'packages/harness/src/judge/postconditions',
  'packages/harness/src/judge/named-causes',
  'packages/harness/src/port/process/process-port',
  'packages/cli/src/bench',
  'packages/cli/src/fuzz-hooks',
  'packages/cli/src/verify',
  'packages/harness/src/judge/mutants',
  'packages/cli/src/fuzz-methods',
  'packages/harness/src/run/real-goldens',
  'packages/harness/src/run/schedule-cases',
  'benchmarks/src/smooth-grad/smooth-grad',
  'packages/laws/src/float64',
  'packages/laws/src/wasm',
  'packages/laws/src/tensorflow',
  'packages/fuzz/src/random-methods/fuzz',
  'benchmarks/src/speed/speed-extension',
  'packages/report/src/page/in-chromium',
];
