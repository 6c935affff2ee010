import { figure, timeText } from '../figures.js';
import type { MatrixCell } from './columns.js';

const [width, height, margin] = [64, 22, 3];

/** How error/allowed and the time developed, as two small lines. */
export function Trend({ cells }: { readonly cells: readonly (MatrixCell | undefined)[] }) {
  const errors = cells.map((cell) => cell?.worst ?? null);
  const times = cells.map((cell) => cell?.milliseconds ?? null);
  return (
    <span class="trend">
      <Line values={errors} isLogarithmic name="error/allowed" />
      <Line values={times} isLogarithmic={false} name="time" />
    </span>
  );
}

interface LineProps {
  readonly values: readonly (number | null)[];
  readonly isLogarithmic: boolean;
  readonly name: string;
}

function Line({ values, isLogarithmic, name }: LineProps) {
  const given = values.filter((value) => value !== null);
  if (given.length < 2) return null;
  const [first, last] = [given[0]!, given.at(-1)!];
  const textOf = isLogarithmic ? figure : timeText;
  const label = `${name} from ${textOf(first)} to ${textOf(last)}`;
  const points = pointsOf(values, isLogarithmic);
  return (
    <span class="line">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        <title>{label}</title>
        <polyline points={points.map(({ x, y }) => `${x},${y}`).join(' ')} />
        {points.slice(-1).map(({ x, y }) => (
          <circle cx={x} cy={y} r="2.5" />
        ))}
      </svg>
      <small aria-hidden="true">{isLogarithmic ? 'e/a' : `${timeText(last)}${changeIn(first, last)}`}</small>
    </span>
  );
}

function changeIn(first: number, last: number): string {
  if (!(first > 0)) return '';
  const percent = Math.round(100 * (last / first - 1));
  return ` (${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent)} %)`;
}

/** Times begin at 0; errors are drawn by their logarithm, 1e-3 at least, ∞ above all. */
export function pointsOf(
  values: readonly (number | null)[],
  isLogarithmic: boolean,
): { readonly x: number; readonly y: number }[] {
  const finite = values.filter((value): value is number => value !== null && Number.isFinite(value));
  const top = Math.max(0, ...finite);
  const heights = values.map((value) => {
    if (value === null) return null;
    const bounded = Number.isFinite(value) ? value : 10 * Math.max(top, 1);
    return isLogarithmic ? Math.log10(Math.max(bounded, 1e-3)) : bounded;
  });
  const drawn = heights.filter((each) => each !== null);
  const high = Math.max(...drawn, isLogarithmic ? 0 : 1e-9);
  const low = isLogarithmic ? Math.min(...drawn, -1) : 0;
  return heights.flatMap((value, i) => {
    if (value === null) return [];
    const x = margin + ((width - 2 * margin) * i) / Math.max(values.length - 1, 1);
    const y = margin + (height - 2 * margin) * (1 - (value - low) / (high - low));
    return [{ x: Number(x.toFixed(1)), y: Number(y.toFixed(1)) }];
  });
}
