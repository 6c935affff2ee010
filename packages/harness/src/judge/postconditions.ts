import { plainText } from '@touchstone/contract';
import type { Postcondition } from '@touchstone/methods';

/** Lines for a person: the postconditions that do not hold; null: all do. */
export function howPostconditionsFail(found: readonly Postcondition[]): string | null {
  const broken = found.filter(({ holds }) => !holds);
  if (broken.length === 0) return null;
  const kept = found.filter(({ holds }) => holds).map(({ name }) => plainText(name, 60));
  const others = kept.length === 0 ? '' : ` (${kept.join(', ')} ${kept.length === 1 ? 'holds' : 'hold'})`;
  const names = broken.map(({ name }) => `"${plainText(name, 60)}"`).join(', ');
  return [
    `postconditions failed: ${names}${others}`,
    ...broken.map(({ name, text }) => `${plainText(name, 60)}: ${plainText(text, 300)}`),
  ].join('\n');
}
