/** Matchers for `expect.extend` of Vitest and Jest. */
import { judgeGolden, type JudgeOptions } from './judge-golden.js';
import type { Answer } from './values.js';

/** Tests end after 5 s where they are not given more. */
const causeSeconds = 4;

export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** `await expect(map).toMatchGolden('grad-cam/tiny-vgg/cat-32', { layout: 'NHWC' })` */
async function toMatchGolden(received: unknown, id: string, options: JudgeOptions = {}): Promise<MatcherResult> {
  const { pass, message } = await judgeGolden((await received) as Answer, id, { causeSeconds, ...options });
  return { pass, message: () => (pass ? `${message}\nand was expected to differ` : message) };
}

export const matchers = { toMatchGolden };

/** What an object with the matchers has, for types. */
export interface GoldenMatchers<R = unknown> {
  /**
   * Whether a map, or stages by name, is what PyTorch gave for a case of Touchstone. Await it.
   *
   * @param id of the case, as `touchstone list --cases` prints it
   */
  toMatchGolden(id: string, options?: JudgeOptions): Promise<R>;
}
