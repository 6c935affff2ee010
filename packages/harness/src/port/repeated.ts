import { plainText } from '@touchstone/contract';
import type { Answered } from '@touchstone/session';

type Repetition = Pick<Answered, 'unrepeated' | 'unanswered'>;

/** Of a second run that has no answer, where the first has one. */
export function unanswered(reason: string): Repetition {
  return { unrepeated: 'attribution', unanswered: reason };
}

/** Why the second run does not repeat the first; null: it does. */
export function whyUnrepeated({ unrepeated, unanswered: reason }: Repetition): string | null {
  if (unrepeated === null) return null;
  if (reason !== undefined) return `a second run had no answer: ${plainText(reason, 400)}`;
  return `a second run gave other bits at stage "${plainText(unrepeated, 100)}"`;
}
