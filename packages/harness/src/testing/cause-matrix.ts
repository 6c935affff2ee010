/**
 * Whether a port with one fault is told the fault: a mutant answers a case in float32, with all stages or with its
 * final map only. For the tests, and for tools/harness/causes.mjs.
 */
import type { CaseRow, HostTensor, Stages } from '@touchstone/contract';
import { CauseSearch, findMethod, type Mutant } from '@touchstone/methods';
import { compareStages } from '../judge/compare-stages.js';
import { likelyCause } from '../judge/likely-cause.js';
import { requestFor } from '../port/request-for.js';
import { explanationOf, golden } from './rejections.js';

/** What a port answers. */
export type Given = 'map' | 'stages';

export interface Naming {
  /**
   * `true`: its fault is named first. `equivalent`: one that gives the same here. `wrong`: one that does not. `none`:
   * nothing is named.
   */
  readonly verdict: 'true' | 'equivalent' | 'wrong' | 'none';
  readonly certain: boolean;
  /** What is named; null: nothing. */
  readonly text: string | null;
}

/** A reproduction this near cannot be told from the fault itself: the answer is rounded to float32. */
const rounding = 2e-6;

/** Asks about many faults in one case; what each fault answers is computed once. */
export class CauseMatrix {
  readonly row: CaseRow;
  readonly #search: CauseSearch;

  constructor(row: CaseRow) {
    this.row = row;
    this.#search = new CauseSearch(findMethod(row.method), explanationOf(row));
  }

  /** Null: the case does not reject this fault, or the answer has no such stage. */
  async naming(mutant: Mutant, given: Given): Promise<Naming | null> {
    const { row } = this;
    const explanation = { ...explanationOf(row), control: { comparedOnly: true } };
    if (!(mutant.applies?.(explanation) ?? true)) return null;
    const spoilt = await mutant.explain(findMethod(row.method), explanation);
    return this.namingOf(mutant.id, given === 'map' ? { attribution: spoilt['attribution']! } : spoilt);
  }

  /** @param id of the fault that the answer has; "a+b" for two */
  async namingOf(id: string, spoilt: Stages): Promise<Naming | null> {
    const stored = golden.readCase(this.row);
    const answer = Object.fromEntries(Object.entries(spoilt).map(([name, stage]) => [name, float32(stage)]));
    if (stored.golden.stages['attribution'] === undefined) return null;
    const compared = compareStages(stored.golden, answer, []);
    if (compared.status !== 'failed') return null;
    const { stage } = compared;
    let near = Infinity;
    const oracle = {
      cause: async (_request: unknown, wrong: Parameters<CauseSearch['causeOf']>[0]) => {
        const cause = await this.#search.causeOf(wrong, { most: Infinity });
        near = cause?.e2 ?? Infinity;
        return cause;
      },
    };
    const request = requestFor(this.row, stored);
    const cause = await likelyCause(stored.golden, answer, stage, request, oracle);
    if (cause === null) return { verdict: 'none', certain: false, text: null };
    const isNamed =
      cause.mutants.toSorted().join('+') === id ||
      (id === 'map-transposed' && cause.fault === 'rows and columns exchanged');
    const verdict = isNamed ? 'true' : near <= rounding || cause.mutants.length === 0 ? 'equivalent' : 'wrong';
    return { verdict, certain: cause.certain, text: cause.text };
  }
}

const float32 = ({ shape, data }: HostTensor): HostTensor => ({ shape, data: Float32Array.from(data) });
