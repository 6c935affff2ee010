/** `import 'touchstone/jest'` in `setupFilesAfterEnv` adds the matchers and their types to Jest's `expect`. */
import { matchers, type GoldenMatchers } from './matchers.js';

declare global {
  // oxlint-disable-next-line typescript/no-namespace
  namespace jest {
    // oxlint-disable-next-line typescript/no-empty-object-type
    interface Matchers<R, T = {}> extends GoldenMatchers<R> {}
  }
}

const { expect } = globalThis as unknown as { expect: { extend(added: typeof matchers): void } };
expect.extend(matchers);
