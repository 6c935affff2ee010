import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** One configuration for every package: tests sit beside the code; the tally of `npm test` reads the JSON reports. */
const { name } = JSON.parse(readFileSync('package.json', 'utf8'));

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    testTimeout: 120_000,
    // Nx forces colours on what it runs; the tests read what people see without them.
    env: { FORCE_COLOR: '' },
    hookTimeout: 120_000,
    // Nx runs two packages at a time.
    maxWorkers: '50%',
    reporters: ['default', ['json', { outputFile: `${import.meta.dirname}/test-results/${name}.json` }]],
  },
});
