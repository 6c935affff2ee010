import { counted, plainText } from '@touchstone/contract';

/** Characters of a line; a remedy with its code is longer than most. */
export const MAX_LINE = 400;

/** Foreign text as at max `max` cleaned lines; says how many were left out. */
export function plainLines(text: string, max: number): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const shown = lines.slice(0, max).map((line) => plainText(line, MAX_LINE));
  return lines.length > max
    ? [...shown.slice(0, max - 1), `… and ${counted(lines.length - max + 1, 'more line')}`]
    : shown;
}

/** "a, b and c" */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}
