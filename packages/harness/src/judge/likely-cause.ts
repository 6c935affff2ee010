/** The known fault that reproduces a wrong answer is its likely cause. */
import {
  allowance,
  compareTensors,
  maximum,
  type Errors,
  type HostTensor,
  type Stages,
  type Tier,
} from '@touchstone/contract';
import { asKept, shapesOf, type Golden } from '../golden/golden-store.js';
import type { Oracle } from './oracle.js';
import type { ExplainRequest } from '@touchstone/session';

/** The largest input, in numbers, for which float64 runs all mutants in one question. */
const smallInput = 50_000;
/** With fewer numbers, another fault may give the same ones by chance. */
const enoughNumbers = 20;

/** A wrong answer, and where it first differs from the golden. */
interface Wrong {
  readonly golden: Golden;
  readonly answer: Stages;
  readonly diverging: string;
  readonly tier: Tier;
}

/**
 * A line for people, "likely cause: …"; "could be: …" where few numbers show it; null: no known fault reproduces the
 * stage that diverged and those before it.
 */
export async function likelyCause(
  golden: Golden,
  answer: Stages,
  diverging: string,
  request: ExplainRequest,
  oracle: Oracle,
  tier: Tier = 'float32',
): Promise<string | null> {
  if (golden.stages[diverging] === undefined || answer[diverging] === undefined) return null;
  const wrong = { golden, answer, diverging, tier };
  const numbers = differingNumbers(wrong);
  if (numbers === 0) return null;
  const isSmall = request.x.data.length <= smallInput;
  const cause =
    exchangedAxes(wrong) ?? (isSmall ? await mutantLike(wrong, request, oracle) : null) ?? scaledByFactor(wrong);
  if (cause === null) return null;
  if (numbers >= enoughNumbers) return `likely cause: ${cause}`;
  return `could be: ${cause}; ${numbers === 1 ? 'a single number shows' : `only ${numbers} numbers show`} it`;
}

function exchangedAxes({ golden, answer, diverging, tier }: Wrong): string | null {
  const transposed = transposedBack(answer[diverging]!, shapesOf(golden)[diverging]!);
  const kept = transposed && asKept(golden, diverging, transposed);
  const allowed = allowance(golden.meta.reference[diverging]!, tier);
  return kept && distance(kept, golden.stages[diverging]!, allowed) !== null ? 'rows and columns exchanged' : null;
}

/** Says less than a known fault that gives the same, so it is asked last. */
function scaledByFactor({ golden, answer, diverging, tier }: Wrong): string | null {
  const expected = golden.stages[diverging]!;
  const kept = asKept(golden, diverging, answer[diverging]!);
  if (kept === null) return null;
  const factor = constantFactor(kept, expected);
  const scaled = { shape: expected.shape, data: expected.data.map((value) => value * factor) };
  const isScaled = distance(kept, scaled, allowance(golden.meta.reference[diverging]!, tier)) !== null;
  return factor !== 1 && isScaled ? `off by the constant factor ${Number(factor.toPrecision(6))}` : null;
}

/**
 * The mutant that gives what the answer gives at the stage that diverged and at all before it; of several the one that
 * gives most of the later stages too, then the nearest.
 */
async function mutantLike(
  { golden, answer, diverging, tier }: Wrong,
  request: ExplainRequest,
  oracle: Oracle,
): Promise<string | null> {
  const given = Object.keys(golden.stages).filter((stage) => answer[stage] !== undefined);
  const needed = given.indexOf(diverging) + 1;
  let best: { cause: string; reproduced: number; e2: number } | null = null;
  for (const { id, fault, stages } of await oracle.mutants(request, given, diverging)) {
    const distances = given.map((stage) =>
      distance(answer[stage]!, stages[stage]!, allowance(golden.meta.reference[stage]!, tier)),
    );
    if (distances.slice(0, needed).includes(null)) continue;
    const reproduced = distances.filter((found) => found !== null).length;
    const e2 = distances[needed - 1]!;
    if (best !== null && (best.reproduced > reproduced || (best.reproduced === reproduced && best.e2 <= e2))) continue;
    const precision = e2 === 0 ? 'the last bit' : e2.toExponential(0);
    const at = diverging === 'attribution' ? 'the output' : `stage "${diverging}"`;
    best = { reproduced, e2, cause: `${fault} (mutant ${id} reproduces ${at} to ${precision})` };
  }
  return best?.cause ?? null;
}

/** How many different numbers of the golden the answer misses at the stage that diverged. */
function differingNumbers({ golden, answer, diverging, tier }: Wrong): number {
  const { data } = golden.stages[diverging]!;
  const kept = asKept(golden, diverging, answer[diverging]!);
  const allowed = allowance(golden.meta.reference[diverging]!, tier).eMax * maximum(data.map(Math.abs));
  const missed = new Set<number>();
  for (const [i, value] of data.entries()) {
    const isNear = kept !== null && Math.abs(kept.data[i]! - value) <= allowed;
    if (!isNear) missed.add(Number(value.toPrecision(6)));
  }
  return missed.size;
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
