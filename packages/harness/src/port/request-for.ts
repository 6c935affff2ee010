import type { CaseRow, NetworkDescription } from '@touchstone/contract';
import { findMethod, nameModules } from '@touchstone/methods';
import type { ExplainRequest } from '@touchstone/session';
import type { StoredCase } from '../golden/golden-store.js';

/** The request to a port for a case. @throws TouchstoneError `bad-params` */
export function requestFor(row: CaseRow, stored: StoredCase): ExplainRequest {
  const { golden, networkFolder, description, x, fixtures, values } = stored;
  return {
    case: row.id,
    method: row.method,
    networkFolder,
    x,
    target: stored.target ?? row.target,
    params: allParams(row, description, x.shape),
    fixtures,
    compared: { stages: golden.meta.stages, required: row.about },
    multiplyAdds: golden.meta.multiplyAdds,
    // The limit allows a wrong shape, which is judged, but not a flood of values, which is refused.
    maxValues: 4 * values + 65_536,
  };
}

/**
 * The parameters of a case: the method's defaults included, and modules by their names.
 *
 * @param input the shape of the images, [N,C,H,W]
 * @throws TouchstoneError `bad-params`
 */
export function allParams(
  { id, method, params }: CaseRow,
  network: NetworkDescription,
  input: readonly number[],
): Record<string, unknown> {
  return nameModules(findMethod(method), params, network, input, `the parameters of ${id}`);
}
