import { AssertionError } from 'node:assert';
import { judgeGolden, type JudgeOptions } from './judge-golden.js';
import type { Answer } from './values.js';

/**
 * For node:test, or any other program: rejects unless the map is the golden's.
 *
 * @throws AssertionError which says what differs, the likely cause and its remedy; TouchstoneError as `judgeGolden`
 */
export async function assertGolden(answer: Answer, id: string, options: JudgeOptions = {}): Promise<void> {
  const { pass, message } = await judgeGolden(answer, id, options);
  if (!pass) throw new AssertionError({ message, stackStartFn: assertGolden });
}
