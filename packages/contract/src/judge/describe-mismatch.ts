import type { Judgement } from './judge-stage.js';

/** At most three lines for a person: what differs, by how much, where, and what is allowed; empty when passed. */
export function describeMismatch({ check, e2, eMax, allowed, mismatch }: Judgement): string[] {
  if (mismatch === null) return [];
  const { shape, image, differing, total, sampledFrom, worst, elementAllowed } = mismatch;
  const ofImage = image === undefined ? '' : ` of image ${image}`;
  if (check === 'shape') return [`shape ${bracketed(shape.got)}, golden ${bracketed(shape.golden)}`];
  const place = worst && `${bracketed(worst.index)}: got ${pair(worst.got, worst.golden)}`;
  if (check === 'non-finite')
    return [`${differing} of ${total} values${ofImage} disagree in being NaN or ±∞; first at ${place}`];
  const [distance, most] = check === 'e2' ? [e2, allowed.e2] : [eMax, allowed.eMax];
  const whole = sampledFrom === undefined ? '' : `(of ${sampledFrom}) `;
  return [
    `${differing} of ${total} ${whole}values${ofImage} differ; worst at ${place}, allowed ${short(elementAllowed)}`,
    `${check} is ${short(distance)}, allowed ${short(most)} (${short(distance / most)} times too far)`,
  ];
}

/** Both values with as many digits as are needed to tell them apart. */
function pair(got: number, golden: number | null): string {
  if (golden === null) return `${got}, golden is a number`;
  let digits = 4;
  while (digits < 17 && got.toPrecision(digits) === golden.toPrecision(digits)) digits++;
  const shown = (value: number): string => (value === 0 ? '0' : value.toPrecision(digits));
  return `${shown(got)}, golden ${shown(golden)}`;
}

function short(value: number): string {
  if (!Number.isFinite(value)) return '∞';
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(2)));
}

function bracketed(values: readonly number[]): string {
  const shown = values.slice(0, 8).join(',');
  return values.length > 8 ? `[${shown},…]` : `[${shown}]`;
}
