import { sameBits, type Stages } from '@touchstone/contract';

/** The first stage whose shape or bits differ, also one that only one of the two runs has. */
export function firstDifferent(first: Stages, second: Stages): string | null {
  for (const name of new Set([...Object.keys(first), ...Object.keys(second)])) {
    const [a, b] = [first[name], second[name]];
    if (a === undefined || b === undefined || !sameBits(a, b)) return name;
  }
  return null;
}
