import { messageOf, TouchstoneError } from '@touchstone/contract';
import type { ExplainAnswer } from '../request.js';
import { Unsupported } from './engine.js';

/** The answer that says what was thrown. */
export function errored(error: unknown, leaked = 0): Exclude<ExplainAnswer, { kind: 'answered' }> {
  if (error instanceof Unsupported) return { kind: 'skipped', reason: `unsupported: ${error.message}` };
  const { code, hint } = error instanceof TouchstoneError ? error : { code: 'internal' as const, hint: undefined };
  return { kind: 'errored', code, reason: messageOf(error), hint, leaked };
}
