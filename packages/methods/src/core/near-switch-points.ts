/**
 * The units of a float64 run that lie within rounding of their switch point, and the answers with each of them on its
 * other side. docs/adr/0015-made-goldens.md
 */
import { allowance, compareTensors, type Stages } from '@touchstone/contract';
import type { Window } from '@touchstone/network';
import { explain, type Explanation } from './explain.js';
import type { Method } from './method.js';
import type { SwitchPoints, SwitchValues } from './switch-points.js';

/** One ReLU's unit or one max pool's window, by the call in the order of the backward passes. */
interface Unit {
  readonly kind: keyof SwitchPoints;
  readonly call: number;
  readonly index: number;
  /** From its switch point, relative to the largest |value| of the call. */
  readonly distance: number;
}

export interface NearUnits {
  /** The answers with one near unit on its other side, each. */
  readonly flips: readonly Stages[];
  /** Whether there may be further near units. */
  readonly more: boolean;
}

/** The most units that are tried; float32 moves only the nearest. */
const maxTried = 64;
/** Float32 has an error of its own here, so a smaller effect cannot be seen. */
const { e2: seen } = allowance({ e2: 0, eMax: 0 });

/**
 * @param within the largest distance of a unit that counts; at 0, an exact tie, one rule decides everywhere
 * @param most flips that are returned; a unit that does not move any stage is not one of them
 */
export async function nearSwitchPoints(
  method: Method,
  explanation: Explanation,
  { within, most }: { readonly within: number; readonly most: number },
): Promise<NearUnits> {
  const { stages: exact, switchPoints } = await explain(method, explanation, { switchPoints: { record: 'values' } });
  const values = switchPoints as SwitchValues;
  const near = [...nearRelus(values, within), ...nearWindows(values, within)];
  near.sort((a, b) => a.distance - b.distance);
  const flips: Stages[] = [];
  for (const unit of near.slice(0, maxTried)) {
    if (flips.length === most) return { flips, more: true };
    const replay = flipped(values, unit);
    const { stages } = await explain(method, explanation, { switchPoints: { replay } });
    if (movesSome(stages, exact)) flips.push(stages);
  }
  return { flips, more: near.length > maxTried };
}

function movesSome(stages: Stages, exact: Stages): boolean {
  return Object.entries(exact).some(([name, stage]) => !(compareTensors(stages[name]!, stage).e2 <= seen));
}

function nearRelus({ relus, inputs }: SwitchValues, within: number): Unit[] {
  return relus.flatMap(({ data: passes }, call) => {
    const input = inputs[call]!.data;
    // If a value above 6 passes its gradient, the call is a ReLU, for which 6 is not a switch point.
    const isRelu = input.some((value, i) => value > 6 && passes[i] === 1);
    const distance = (value: number): number => (isRelu || value < 3 ? Math.abs(value) : Math.abs(value - 6));
    return nearest('relus', call, Float64Array.from(input, distance), largestOf(input), within);
  });
}

function nearWindows({ pools, windows }: SwitchValues, within: number): Unit[] {
  return pools.flatMap(({ x, y }, call) => {
    const leads = new Float64Array(y.data.length);
    forEachWindow(x.shape, y.shape, windows[call]!, (positions, index) => {
      leads[index] = y.data[index]! - runnerUp(positions, x.data, y.data[index]!).value;
    });
    return nearest('pools', call, leads, largestOf(y.data), within);
  });
}

function nearest(kind: Unit['kind'], call: number, distances: Float64Array, largest: number, within: number): Unit[] {
  const found: Unit[] = [];
  for (const [index, value] of distances.entries()) {
    const distance = value / largest;
    if (distance > 0 && distance <= within) found.push({ kind, call, index, distance });
  }
  return found;
}

function flipped({ relus, pools, windows }: SwitchValues, { kind, call, index }: Unit): SwitchPoints {
  if (kind === 'relus') {
    const { shape, data } = relus[call]!;
    return { pools, relus: relus.with(call, { shape, data: data.with(index, 1 - data[index]!) }) };
  }
  const { x, y } = pools[call]!;
  const [values, maxima] = [Float64Array.from(x.data), Float64Array.from(y.data)];
  forEachWindow(x.shape, y.shape, windows[call]!, (positions, at) => {
    if (at !== index) return;
    const { position } = runnerUp(positions, x.data, y.data[at]!);
    values[position] = above(y.data[at]!);
  });
  forEachWindow(x.shape, y.shape, windows[call]!, (positions, at) => {
    maxima[at] = positions.reduce((most, position) => Math.max(most, values[position]!), -Infinity);
  });
  return {
    relus,
    pools: pools.with(call, { x: { shape: x.shape, data: values }, y: { shape: y.shape, data: maxima } }),
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

function largestOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}
