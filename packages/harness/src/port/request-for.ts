import { parse, type CaseRow } from '@touchstone/contract';
import { findMethod } from '@touchstone/methods';
import type { ExplainRequest } from '@touchstone/session';
import type { StoredCase } from '../golden/golden-store.js';

/** The request to a port for a case. @throws TouchstoneError `bad-params` */
export function requestFor(row: CaseRow, { golden, networkFolder, x, fixtures, values }: StoredCase): ExplainRequest {
  return {
    case: row.id,
    method: row.method,
    networkFolder,
    x,
    target: row.target,
    params: allParams(row),
    fixtures,
    multiplyAdds: golden.meta.multiplyAdds,
    // The limit allows a wrong shape, which is judged, but not a flood of values, which is refused.
    maxValues: 4 * values + 65_536,
  };
}

/** The parameters of a case, the method's defaults included. @throws TouchstoneError `bad-params` */
export function allParams(row: CaseRow): Record<string, unknown> {
  const { params } = findMethod(row.method);
  return parse(params, row.params, `the parameters of ${row.id}`, 'bad-params') as Record<string, unknown>;
}
