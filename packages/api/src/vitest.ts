/** `import 'touchstone/vitest'` in a test, or in `setupFiles`, adds the matchers and their types. */
import { expect } from 'vitest';
import { matchers, type GoldenMatchers } from './matchers.js';

expect.extend(matchers);

declare module 'vitest' {
  // oxlint-disable-next-line typescript/no-empty-object-type
  interface Matchers<T = any> extends GoldenMatchers<T> {}
}
