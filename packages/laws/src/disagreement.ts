/** The error of a law that does not hold: names the place, in bounded length. */
import { sameBits, type HostTensor } from '@touchstone/contract';

export class Disagreement extends Error {
  override readonly name = 'Disagreement';
  /** The largest difference; Infinity if it is not a matter of size. */
  readonly distance: number;

  constructor(message: string, distance = Infinity) {
    super(message);
    this.distance = Number.isNaN(distance) ? Infinity : distance;
  }
}

/**
 * Throws unless `|actual − expected| ≤ tolerance · scale` everywhere; NaN and ∞ never agree.
 *
 * @param scale the size that float errors are relative to: the largest value of both, unless larger terms were summed
 */
export function expectClose(
  what: string,
  actual: HostTensor,
  expected: HostTensor,
  tolerance: number,
  scale?: number,
): void {
  if (actual.shape.join() !== expected.shape.join()) {
    throw new Disagreement(`${what}: shape [${actual.shape.join(',')}], expected [${expected.shape.join(',')}]`);
  }
  let size = scale ?? 0;
  if (scale === undefined)
    for (const { data } of [actual, expected])
      for (const value of data) if (Number.isFinite(value)) size = Math.max(size, Math.abs(value));
  let worst = -1;
  let distance = tolerance * size;
  let wrong = 0;
  for (let i = 0; i < actual.data.length; i++) {
    const off = Math.abs(actual.data[i]! - expected.data[i]!);
    if (off <= tolerance * size) continue;
    wrong++;
    if (worst < 0 || off > distance || Number.isNaN(off)) [worst, distance] = [i, off];
  }
  if (worst < 0) return;
  throw new Disagreement(
    `${what}: ${wrong} of ${actual.data.length} values differ; worst at ${place(worst, actual.shape)}: ` +
      `${actual.data[worst]}, expected ${expected.data[worst]}, allowed ${(tolerance * size).toPrecision(3)}`,
    distance,
  );
}

export function expectSameBits(what: string, actual: HostTensor, expected: HostTensor): void {
  if (sameBits(actual, expected)) return;
  expectClose(what, actual, expected, 0);
  throw new Disagreement(`${what}: not the same bits`);
}

/** Throws unless `holds` of every value. */
export function expectEvery(what: string, tensor: HostTensor, holds: (value: number, index: number) => boolean): void {
  const at = tensor.data.findIndex((value: number, index: number) => !holds(value, index));
  if (at >= 0) throw new Disagreement(`${what}: ${tensor.data[at]} at ${place(at, tensor.shape)}`);
}

function place(index: number, shape: readonly number[]): string {
  const at: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${at.join(',')}]`;
}
