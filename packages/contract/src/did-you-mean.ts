import { distance } from 'fastest-levenshtein';
import { TouchstoneError } from './errors.js';

/** The most known names that an error lists. */
const listed = 20;
const longest = 80;

/**
 * The error `unknown-name`: suggests the nearest known name and lists the known ones. `kind` is a noun: "method",
 * "network".
 */
export function unknownName(kind: string, name: string, known: readonly string[]): TouchstoneError {
  const asked = name.slice(0, longest);
  return new TouchstoneError('unknown-name', `unknown ${kind} ${JSON.stringify(asked)}`, choices(kind, asked, known));
}

/** For a hint: the nearest known name, and the known ones; where they are too many, the nearest of them. */
export function choices(kind: string, name: string, known: readonly string[]): string {
  if (known.length === 0) return `There is no ${kind} to choose from.`;
  const meant = nearName(name, known);
  const names = known.length > listed ? [...byNearness(name, known).slice(0, listed), '…'] : known;
  return `${meant === null ? '' : `Did you mean "${meant}"? `}Known: ${names.join(', ')}.`;
}

/** The known name that was probably meant; null: none is near. */
export function nearName(name: string, known: readonly string[]): string | null {
  const [nearest] = byNearness(name, known);
  return nearest !== undefined && distance(name, nearest) <= Math.max(2, name.length / 3) ? nearest : null;
}

/** The nearest first; of equally near ones, those that begin alike. */
function byNearness(name: string, known: readonly string[]): string[] {
  const asked = name.slice(0, longest);
  const ranked = known.map((one) => ({ name: one, away: distance(asked, one), alike: alikeFor(asked, one) }));
  return ranked.toSorted((a, b) => a.away - b.away || b.alike - a.alike).map(({ name }) => name);
}

/** The length of what both begin with. */
function alikeFor(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
