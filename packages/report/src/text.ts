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

/** Three significant digits; `–` for nothing. */
export function figure(value: number | null): string {
  if (value === null) return '–';
  if (!Number.isFinite(value)) return value === Infinity ? '∞' : String(value);
  if (value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 10_000)) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

export function duration(milliseconds: number): string {
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (milliseconds < 120_000) return `${Math.round(milliseconds / 1000)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

/** "a, b and c" */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}
