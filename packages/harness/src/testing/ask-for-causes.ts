/** For tests: asks for the causes of wrong answers to cases of golden/, in this process. */
import type { CaseRow, HostTensor, Stages } from '@touchstone/contract';
import { CauseSearch, findMethod, type Explanation } from '@touchstone/methods';
import { likelyCause, type LikelyCause } from '../judge/likely-cause.js';
import { requestFor } from '../port/request-for.js';
import { cases, explanationOf, golden } from './rejections.js';

export interface CaseToAsk {
  readonly row: CaseRow;
  readonly stored: ReturnType<typeof golden.readCase>;
  readonly explanation: Explanation;
  /** What each fault answers is computed once for all questions. */
  readonly search: CauseSearch;
}

const known = new Map<string, CaseToAsk>();

export function caseToAsk(id: string): CaseToAsk {
  const found = known.get(id) ?? open(cases.find((row) => row.id === id)!);
  known.set(id, found);
  return found;
}

function open(row: CaseRow): CaseToAsk {
  const explanation = explanationOf(row);
  const search = new CauseSearch(findMethod(row.method), explanation);
  return { row, stored: golden.readCase(row), explanation, search };
}

/** @param diverging the first stage that differs */
export function causeOf(
  { row, stored, search }: CaseToAsk,
  answer: Stages,
  diverging: string,
): Promise<LikelyCause | null> {
  const oracle = {
    cause: (_request: unknown, wrong: Parameters<CauseSearch['causeOf']>[0]) =>
      search.causeOf(wrong, { most: Infinity }),
  };
  return likelyCause(stored.golden, answer, diverging, requestFor(row, stored), oracle);
}

export const float32 = ({ shape, data }: HostTensor): HostTensor => ({ shape, data: Float32Array.from(data) });
