/** The known fault that reproduces a wrong answer is its likely cause. */
import { allowance, compareTensors, type Errors, type HostTensor, type Stages, type Tier } from '@touchstone/contract';
import { asKept, shapesOf, type Golden } from '../golden/golden-store.js';
import type { Oracle } from './oracle.js';
import type { ExplainRequest } from '@touchstone/session';

/** The largest input, in numbers, for which float64 runs all mutants in one question. */
const smallInput = 50_000;

/**
 * A line for people; null: no known fault reproduces the answer at `stage`. That is `attribution` where it is compared,
 * else the stage that diverged.
 */
export async function likelyCause(
  golden: Golden,
  answer: Stages,
  diverging: string,
  request: ExplainRequest,
  oracle: Oracle,
  tier: Tier = 'float32',
): Promise<string | null> {
  const stage = Object.hasOwn(golden.stages, 'attribution') ? 'attribution' : diverging;
  const [expected, reference, whole] = [golden.stages[stage], golden.meta.reference[stage], answer[stage]];
  if (expected === undefined || reference === undefined || whole === undefined) return null;
  const allowed = allowance(reference, tier);
  const kept = asKept(golden, stage, whole);
  if (kept !== null) {
    // A right stage, after an earlier one failed, says nothing.
    if (distance(kept, expected, allowed) !== null) return null;
    const factor = constantFactor(kept, expected);
    if (
      distance(kept, { shape: expected.shape, data: expected.data.map((value) => value * factor) }, allowed) !== null
    ) {
      return `off by the constant factor ${Number(factor.toPrecision(6))}`;
    }
  }
  const transposed = transposedBack(whole, shapesOf(golden)[stage]!);
  const keptTransposed = transposed && asKept(golden, stage, transposed);
  if (keptTransposed && distance(keptTransposed, expected, allowed) !== null) return 'rows and columns exchanged';
  if (request.x.data.length > smallInput) return null;
  let best: { cause: string; e2: number } | null = null;
  for (const { id, fault, answer: wrong } of await oracle.mutants(request, stage)) {
    const e2 = distance(whole, wrong, allowed);
    if (e2 === null || (best !== null && best.e2 <= e2)) continue;
    best = {
      e2,
      cause: `${fault} (mutant ${id} reproduces the output to ${e2 === 0 ? 'the last bit' : e2.toExponential(0)})`,
    };
  }
  return best?.cause ?? null;
}

/** e2 if it and eMax are within the tolerance, else null. */
function distance(actual: HostTensor, expected: HostTensor, allowed: Errors): number | null {
  const { e2, eMax } = compareTensors(actual, expected);
  return e2 <= allowed.e2 && eMax <= allowed.eMax ? e2 : null;
}

/** The c for which c·golden is nearest to the answer; 1 if there is none. */
function constantFactor({ data: x }: HostTensor, { data: r }: HostTensor): number {
  let [product, square] = [0, 0];
  for (const [i, value] of r.entries()) {
    product += (x[i] ?? NaN) * value;
    square += value * value;
  }
  const factor = product / square;
  return Number.isFinite(factor) && factor !== 0 ? factor : 1;
}

/**
 * The answer with rows and columns exchanged back, whether its shape was exchanged or not; null for other ranks and
 * sizes.
 */
function transposedBack({ data }: HostTensor, shape: readonly number[]): HostTensor | null {
  const [n, c, h, w] = shape as [number, number, number, number];
  if (shape.length !== 4 || data.length !== n * c * h * w) return null;
  return { shape, data: data.map((_, i) => data[i - (i % (h * w)) + (i % w) * h + Math.floor((i % (h * w)) / w)]!) };
}
