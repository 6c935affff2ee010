import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { packageFolders } from './tools/setup/up-to-date.mjs';

/**
 * One project per package, one configuration for all: tests are next to the code. A package's `test` script names its
 * project.
 */
export default defineConfig({
  test: {
    projects: packageFolders().map((folder) => ({
      extends: true,
      root: `${import.meta.dirname}/${folder}`,
      test: { name: folder.split('/').at(-1), include: ['src/**/*.test.ts'] },
    })),
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The tests read what people see without colours.
    env: { FORCE_COLOR: '' },
    // Many tests wait for child processes: one more at a time than there are cores.
    maxWorkers: availableParallelism() + 1,
  },
});
