import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import { longestTests } from './tools/setup/longest-tests.mjs';
import { packageFolders } from './tools/setup/up-to-date.mjs';

class LongestFirst extends BaseSequencer {
  async sort(files) {
    const rankOf = ({ moduleId }) => {
      const rank = longestTests.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return rank === -1 ? longestTests.length : rank;
    };
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}

/**
 * Test files of a package share processes and modules: each restores what it changes of its process. Here each has its
 * own, because the tests are about what a process registers and loads once.
 */
const aboutProcess = new Set(['backends']);

/**
 * One project per package, one configuration for all: tests are next to the code. A package's `test` script names its
 * project.
 */
export default defineConfig({
  test: {
    projects: packageFolders().map((folder) => {
      const name = basename(folder);
      return {
        extends: true,
        root: `${import.meta.dirname}/${folder}`,
        test: { name, include: ['src/**/*.test.ts'], isolate: aboutProcess.has(name) },
      };
    }),
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The tests read what people see without colours.
    env: { FORCE_COLOR: '' },
    // Many tests wait for child processes: two more at a time than there are cores.
    maxWorkers: availableParallelism() + 2,
  },
});
