/** Units within rounding of their switch point, and the decisions with some of them on their other side. */
import type { Window } from '@touchstone/network';
import type { SwitchPoints, SwitchValues } from './switch-points.js';

/** One ReLU's unit, or one max pool's window with another value that may win it, by the call in backward order. */
export interface Unit {
  readonly kind: keyof SwitchPoints;
  readonly call: number;
  readonly index: number;
  /** Of the value in the padded input that may win the window; of a ReLU −1. */
  readonly rival: number;
  /** Which feature of its call. */
  readonly channel: number;
  /** From its switch point, relative to the largest |value| of its row; 0 where float64 is exactly there. */
  readonly distance: number;
}

/**
 * Of the same run with `perturbSums`. Where float64 is exactly at a switch point, but this run is not, float32 may be
 * on either side; where both are, one rule decides everywhere.
 */
export interface Perturbed {
  readonly inputs: SwitchValues['inputs'];
  readonly pools: SwitchValues['pools'];
}

/**
 * The nearest first.
 *
 * @param within the largest distance of a unit that counts
 */
export function nearUnits(exact: SwitchValues, { inputs, pools }: Perturbed, within: number): Unit[] {
  return [...nearRelus(exact, inputs, within), ...nearWindows(exact, pools, within)].sort(
    (a, b) => a.distance - b.distance,
  );
}

function nearRelus({ relus, inputs }: SwitchValues, perturbed: Perturbed['inputs'], within: number): Unit[] {
  return relus.flatMap(({ shape, data: passes }, call) => {
    const input = inputs[call]!.data;
    const moved = perturbed[call]!.data;
    // If a value above 6 passes its gradient, the call is a ReLU, for which 6 is not a switch point.
    const isRelu = input.some((value, i) => value > 6 && passes[i] === 1);
    const largest = largestOfRows(input, shape[0]!);
    const units: Unit[] = [];
    for (const [index, value] of input.entries()) {
      const from = isRelu || value < 3 ? Math.abs(value) : Math.abs(value - 6);
      const distance = from === 0 ? 0 : from / largest(index);
      if (distance > 0 ? distance <= within : moved[index] !== value)
        units.push({ kind: 'relus', call, index, rival: -1, channel: index % shape.at(-1)!, distance });
    }
    return units;
  });
}

function nearWindows({ pools, windows }: SwitchValues, perturbed: Perturbed['pools'], within: number): Unit[] {
  return pools.flatMap(({ x, y }, call) => {
    const moved = perturbed[call]!.x.data;
    const largest = largestOfRows(y.data, y.shape[0]!);
    const units: Unit[] = [];
    forEachWindow(x.shape, y.shape, windows[call]!, (positions, index) => {
      const winner = positions.find((position) => x.data[position] === y.data[index]);
      if (winner === undefined) return;
      const unit = { kind: 'pools', call, index, channel: index % y.shape.at(-1)! } as const;
      for (const rival of positions)
        if (rival !== winner && x.data[rival] === y.data[index] && moved[rival] !== moved[winner])
          units.push({ ...unit, rival, distance: 0 });
      const { value, position } = runnerUp(positions, x.data, y.data[index]!);
      const distance = (y.data[index]! - value) / largest(index);
      if (distance <= within) units.push({ ...unit, rival: position, distance });
    });
    return units;
  });
}

/** The decisions with these units on their other side. */
export function flipped({ relus, pools, windows }: SwitchValues, units: readonly Unit[]): SwitchPoints {
  const of = (kind: Unit['kind'], call: number): readonly Unit[] =>
    units.filter((unit) => unit.kind === kind && unit.call === call);
  return {
    relus: relus.map((mask, call) => {
      const flips = of('relus', call);
      if (flips.length === 0) return mask;
      const data = mask.data.slice();
      for (const { index } of flips) data[index] = 1 - data[index]!;
      return { shape: mask.shape, data };
    }),
    pools: pools.map(({ x, y }, call) => {
      const flips = of('pools', call);
      if (flips.length === 0) return { x, y };
      const [values, maxima] = [Float64Array.from(x.data), Float64Array.from(y.data)];
      for (const { index, rival } of flips) values[rival] = above(y.data[index]!);
      forEachWindow(x.shape, y.shape, windows[call]!, (positions, at) => {
        maxima[at] = positions.reduce((most, position) => Math.max(most, values[position]!), -Infinity);
      });
      return { x: { shape: x.shape, data: values }, y: { shape: y.shape, data: maxima } };
    }),
  };
}

/** The largest value of a window below its maximum, and where it is first; −∞ where all are equal. */
function runnerUp(
  positions: readonly number[],
  x: ArrayLike<number>,
  maximum: number,
): { value: number; position: number } {
  let [value, position] = [-Infinity, -1];
  for (const at of positions) if (x[at]! < maximum && x[at]! > value) [value, position] = [x[at]!, at];
  return { value, position };
}

/** A number that is a little larger. */
function above(value: number): number {
  return value + Math.max(Math.abs(value), Number.MIN_VALUE / Number.EPSILON) * 2 * Number.EPSILON;
}

/** Both NHWC; `positions` are those of the window's values in the padded input. */
function forEachWindow(
  [, rows, columns, channels]: readonly number[],
  [n, outRows, outColumns]: readonly number[],
  { kernelSize: [height, width], stride, dilation }: Window,
  visit: (positions: number[], index: number) => void,
): void {
  let index = 0;
  for (let image = 0; image < n!; image++)
    for (let row = 0; row < outRows!; row++)
      for (let column = 0; column < outColumns!; column++)
        for (let channel = 0; channel < channels!; channel++) {
          const positions: number[] = [];
          for (let i = 0; i < height; i++)
            for (let j = 0; j < width; j++) {
              const at =
                (image * rows! + row * stride[0] + i * dilation[0]) * columns! + column * stride[1] + j * dilation[1];
              positions.push(at * channels! + channel);
            }
          visit(positions, index++);
        }
}

/** Index → the largest |value| of its row. */
function largestOfRows(values: ArrayLike<number>, rows: number): (index: number) => number {
  const size = values.length / rows;
  const largest = new Float64Array(rows);
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor(i / size);
    largest[row] = Math.max(largest[row]!, Math.abs(values[i]!));
  }
  return (index) => largest[Math.floor(index / size)]!;
}
