import { defineConfig } from 'vitest/config';
import { packageFolders } from './tools/setup/up-to-date.mjs';

/**
 * One project per package, one configuration for all: tests sit beside the code. A package's `test` script names its
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
    // Nx forces colours on what it runs; the tests read what people see without them.
    env: { FORCE_COLOR: '' },
    // Nx runs two packages at a time.
    maxWorkers: '50%',
  },
});
