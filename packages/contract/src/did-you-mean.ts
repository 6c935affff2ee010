import { closest, distance } from 'fastest-levenshtein';
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
  const nearest = known.length === 0 ? undefined : closest(asked, known);
  const near = nearest !== undefined && distance(asked, nearest) <= Math.max(2, asked.length / 3);
  const names = known.slice(0, listed).join(', ') + (known.length > listed ? ', …' : '');
  const choice = known.length === 0 ? `There is no ${kind} to choose from.` : `Known: ${names}.`;
  return new TouchstoneError(
    'unknown-name',
    `unknown ${kind} ${JSON.stringify(asked)}`,
    `${near ? `Did you mean "${nearest}"? ` : ''}${choice}`,
  );
}
