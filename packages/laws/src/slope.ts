/** The slope of a function at the middle of seven points of a line. */

/** The points, in steps from the middle. */
export const slopePoints: readonly number[] = [-3, -2, -1, 0, 1, 2, 3];

/**
 * The slope (f₋₂ − 8f₋₁ + 8f₁ − f₂)/12s. A switch point less than two steps from the middle spoils it by up to half of
 * the change of slope, and then a fourth difference is a quarter or more of s times that change; so twice the largest
 * of them, over s, is a bound. Of a smooth function the error is s⁴f⁽⁵⁾/30, and fourth differences are s⁴f⁽⁴⁾.
 *
 * @param values at `slopePoints`
 * @param step s
 */
export function slopeOf(values: ArrayLike<number>, step: number): { slope: number; error: number } {
  const at = (point: number): number => values[point + 3]!;
  const fourth = (c: number): number => at(c - 2) - 4 * at(c - 1) + 6 * at(c) - 4 * at(c + 1) + at(c + 2);
  return {
    slope: (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step),
    error: (2 * Math.max(...[-1, 0, 1].map((c) => Math.abs(fourth(c))))) / step,
  };
}
