import { compareTensors, type Comparison, type Position } from '../tensor/compare.js';
import type { Check, Errors, HostTensor } from '../domain/index.js';
import { TouchstoneError } from '../errors.js';
import { allowance, type Tier } from './tolerance.js';

/** The checks of one stage, in this order. */
export type StageCheck = Extract<Check, 'shape' | 'non-finite' | 'e2' | 'eMax'>;

export interface Judgement {
  /** The first check that failed; null: passed. */
  readonly check: StageCheck | null;
  /** Distance from the golden, or from the alternative that explains the answer. */
  readonly e2: number;
  readonly eMax: number;
  readonly allowed: Errors;
  /** The larger of `e2/allowed.e2` and `eMax/allowed.eMax`: 1 is just allowed. */
  readonly ratio: number;
  /** Indices of the alternatives whose sum explains the answer; empty where it agrees with the golden itself. */
  readonly flips: readonly number[];
  /** Where the check failed; null when passed. */
  readonly mismatch: Mismatch | null;
}

export interface Mismatch {
  readonly shape: { readonly got: readonly number[]; readonly golden: readonly number[] };
  /** Which image of the batch, where each is judged on its own; the numbers are those of this image. */
  readonly image?: number;
  /** Number of elements that differ by more than `elementAllowed`, or of those whose NaN or ∞ disagrees. */
  readonly differing: number;
  readonly total: number;
  /** Number of values of the whole stage, where only a sample of them is compared. */
  readonly sampledFrom?: number;
  /** `golden` is null where the golden does not keep that value. */
  readonly worst: (Omit<Position, 'golden'> & { readonly golden: number | null }) | null;
  /** The largest difference allowed for one element, in the unit of the stage: the failed bound spread evenly. */
  readonly elementAllowed: number;
}

/** The most alternatives that a golden stores: 2⁸ sums are tried. */
const maxAlternatives = 8;
const restore = 'Restore golden/ from version control.';

/**
 * Whether one stage agrees with its golden under the tolerance policy.
 *
 * `alternatives` are the reference's answers with one unit on the other side of its switch point. An answer that misses
 * the golden still passes when `actual − golden` equals, within the same bound, the sum of some `alternative − golden`.
 */
export function judgeStage(
  actual: HostTensor,
  golden: HostTensor,
  reference: Errors,
  alternatives: readonly HostTensor[] = [],
  tier: Tier = 'float32',
): Judgement {
  const allowed = allowance(reference, tier);
  const plain = compareTensors(actual, golden);
  const check = failedCheck(plain, allowed);
  if (check === null) return verdict(plain, allowed, []);
  const explained = check === 'e2' || check === 'eMax' ? explain(actual, golden, allowed, alternatives) : null;
  return (
    explained ?? { ...verdict(plain, allowed, []), check, mismatch: mismatch(actual, golden, plain, check, allowed) }
  );
}

function failedCheck(found: Comparison, allowed: Errors): StageCheck | null {
  if (found.check !== null) return found.check;
  if (!(found.e2 <= allowed.e2)) return 'e2';
  if (!(found.eMax <= allowed.eMax)) return 'eMax';
  return null;
}

function verdict(found: Comparison, allowed: Errors, flips: readonly number[]): Judgement {
  const ratio = Math.max(found.e2 / allowed.e2, found.eMax / allowed.eMax);
  return { check: null, e2: found.e2, eMax: found.eMax, allowed, ratio, flips, mismatch: null };
}

/** The smallest set of flips that explains the answer, if there is one. */
function explain(
  actual: HostTensor,
  golden: HostTensor,
  allowed: Errors,
  alternatives: readonly HostTensor[],
): Judgement | null {
  if (alternatives.length > maxAlternatives) {
    throw new TouchstoneError(
      'golden-damaged',
      `the golden has ${alternatives.length} alternative answers, at most ${maxAlternatives} are stored`,
      restore,
    );
  }
  for (const { data } of alternatives) {
    if (data.length !== golden.data.length)
      throw new TouchstoneError('golden-damaged', 'an alternative answer has another size than the golden', restore);
  }
  for (const flips of subsets(alternatives.length)) {
    const expected = Float64Array.from(golden.data);
    for (const flip of flips) {
      const { data } = alternatives[flip]!;
      for (let i = 0; i < expected.length; i++) expected[i]! += data[i]! - golden.data[i]!;
    }
    const found = compareTensors(actual, { shape: golden.shape, data: expected }, golden);
    if (failedCheck(found, allowed) === null) return verdict(found, allowed, flips);
  }
  return null;
}

/** Every non-empty subset of 0…count−1, small ones first. */
function subsets(count: number): number[][] {
  const all: number[][] = [];
  for (let bits = 1; bits < 2 ** count; bits++) {
    all.push(Array.from({ length: count }, (_, i) => i).filter((i) => bits & (1 << i)));
  }
  return all.sort((a, b) => a.length - b.length);
}

function mismatch(
  actual: HostTensor,
  golden: HostTensor,
  found: Comparison,
  check: StageCheck,
  allowed: Errors,
): Mismatch {
  const shape = { got: actual.shape, golden: golden.shape };
  const total = golden.data.length;
  if (check === 'shape') return { shape, differing: total, total, worst: null, elementAllowed: 0 };
  const elementAllowed = check === 'non-finite' ? 0 : elementBound(golden.data, check, allowed);
  let differing = 0;
  for (let i = 0; i < total; i++) {
    const x = actual.data[i]!;
    const r = golden.data[i]!;
    const finite = Number.isFinite(x) && Number.isFinite(r);
    if (check === 'non-finite' ? !finite && !Object.is(x, r) : finite && Math.abs(x - r) > elementAllowed) differing++;
  }
  return { shape, differing, total, worst: found.worst, elementAllowed };
}

/** `eMax`: allowed·max|r|. `e2`: allowed·√(mean r²), which at least one element exceeds when the norm does. */
function elementBound(golden: HostTensor['data'], check: 'e2' | 'eMax', allowed: Errors): number {
  const finite = Float64Array.from(golden).filter(Number.isFinite);
  const size = finite.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (size === 0) return 0;
  if (check === 'eMax') return allowed.eMax * size;
  const squares = finite.reduce((sum, value) => sum + (value / size) ** 2, 0);
  return allowed.e2 * size * Math.sqrt(squares / finite.length);
}
