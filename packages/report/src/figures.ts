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

/** In milliseconds below a second. */
export function timeText(milliseconds: number): string {
  return milliseconds < 1000 ? `${figure(milliseconds)} ms` : duration(milliseconds);
}
