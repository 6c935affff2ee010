import { closest, distance } from 'fastest-levenshtein';
import { TouchstoneError } from './errors.js';

/** How many known names an error lists. */
const listed = 20;
const longest = 80;

/** An error that says which name was meant, if one is near, and which there are. `kind` is a noun: "method", "network". */
export function unknownName(kind: string, name: string, known: readonly string[]): TouchstoneError {
  const asked = name.slice(0, longest);
  const nearest = known.length === 0 ? undefined : closest(asked, known);
  const near = nearest !== undefined && distance(asked, nearest) <= Math.max(2, asked.length / 3);
  const names = known.slice(0, listed).join(', ') + (known.length > listed ? ', …' : '');
  return new TouchstoneError(
    'unknown-name',
    `unknown ${kind} ${JSON.stringify(asked)}`,
    `${near ? `Did you mean "${nearest}"? ` : ''}${known.length === 0 ? `There is no ${kind} to choose from.` : `Known: ${names}.`}`,
  );
}
