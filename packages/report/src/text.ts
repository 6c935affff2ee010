/** Escape sequences that a terminal would obey: CSI, OSC, and the single-character kind. */
// oxlint-disable-next-line no-control-regex
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g;
/** Control characters, and the invisible ones that reorder text. Line ends and tabs are dealt with before. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Foreign text as a single harmless line of at most `longest` characters. */
export function clean(text: string, longest = 300): string {
  const line = text
    .slice(0, 8 * longest + 1000)
    .replace(ESCAPES, '')
    .replace(/\s+/g, ' ')
    .replace(CONTROLS, '')
    .trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** Foreign text as at most `most` harmless lines; what is left out is said. */
export function cleanLines(text: string, most: number): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const shown = lines.slice(0, most).map((line) => clean(line, 200));
  return lines.length > most ? [...shown.slice(0, most - 1), `… and ${lines.length - most + 1} more lines`] : shown;
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
