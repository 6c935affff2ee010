/** Design decision 7: the known fault that reproduces a wrong answer is its likely cause. */
import { allowance, compareTensors, type Errors, type HostTensor } from '@touchstone/contract';
import type { Golden } from './golden-store.js';
import type { Oracle } from './oracle.js';
import type { Task } from './port.js';

/** Numbers of an input up to which float64 answers with every mutant at once. */
const smallInput = 50_000;

/** A line for a person; null: no known fault reproduces `attribution`. */
export async function likelyCause({ meta, stages }: Golden, attribution: HostTensor | undefined, task: Task, oracle: Oracle): Promise<string | null> {
  const golden = stages['attribution']!;
  const allowed = allowance(meta.reference['attribution']!);
  // An attribution that is right (an earlier stage failed) tells nothing.
  if (attribution === undefined || distance(attribution, golden, allowed) !== null) return null;
  const factor = constantFactor(attribution, golden);
  if (distance(attribution, { shape: golden.shape, data: golden.data.map((value) => value * factor) }, allowed) !== null) {
    return `off by the constant factor ${Number(factor.toPrecision(6))}`;
  }
  const turned = transposed(golden);
  if (turned !== null && distance({ ...attribution, shape: turned.shape }, turned, allowed) !== null) return 'rows and columns exchanged';
  if (task.x.data.length > smallInput) return null;
  let best: { cause: string; e2: number } | null = null;
  for (const { id, fault, attribution: wrong } of await oracle.mutants(task)) {
    const e2 = distance(attribution, wrong, allowed);
    if (e2 === null || (best !== null && best.e2 <= e2)) continue;
    best = { e2, cause: `${fault} (mutant ${id} reproduces the output to ${e2 === 0 ? 'the last bit' : e2.toExponential(0)})` };
  }
  return best?.cause ?? null;
}

/** e2, where it and eMax are allowed. */
function distance(actual: HostTensor, expected: HostTensor, allowed: Errors): number | null {
  const { e2, eMax } = compareTensors(actual, expected);
  return e2 <= allowed.e2 && eMax <= allowed.eMax ? e2 : null;
}

/** The c for which c·golden is nearest; 1 where there is none. */
function constantFactor({ data: x }: HostTensor, { data: r }: HostTensor): number {
  let [product, square] = [0, 0];
  for (const [i, value] of r.entries()) {
    product += (x[i] ?? NaN) * value;
    square += value * value;
  }
  const factor = product / square;
  return Number.isFinite(factor) && factor !== 0 ? factor : 1;
}

/** [N,C,H,W] → [N,C,W,H]; null for other ranks, and where that changes nothing. */
function transposed({ shape, data }: HostTensor): HostTensor | null {
  if (shape.length !== 4) return null;
  const [n, c, h, w] = shape as [number, number, number, number];
  const turned = data.map((_, i) => data[i - (i % (h * w)) + (i % h) * w + Math.floor((i % (h * w)) / h)]!);
  return turned.every((value, i) => value === data[i]) ? null : { shape: [n, c, w, h], data: turned };
}
