export const ascending = (a: number, b: number): number => a - b;

/** Of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = new Float64Array(values).sort();
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** The median of the means of all pairs of values, each with itself too (Hodges & Lehmann 1963). */
export function pseudomedian(values: readonly number[]): number {
  const means: number[] = [];
  for (let i = 0; i < values.length; i++)
    for (let j = i; j < values.length; j++) means.push((values[i]! + values[j]!) / 2);
  return median(means);
}

/** Of sorted values, with linear interpolation. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (at - Math.floor(at)) * (sorted[Math.ceil(at)]! - below);
}

/** The largest value; NaN where there is one. For any number of values, which a call with each as argument is not. */
export function maximum(values: ArrayLike<number>): number {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!);
  return most;
}
