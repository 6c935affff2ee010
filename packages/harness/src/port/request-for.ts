import { valuesIn, type CaseRow } from '@touchstone/contract';
import type { ExplainRequest } from '@touchstone/session';
import { allParams } from '../golden/case-params.js';
import { shapesOf, type Golden, type GoldenStore } from '../golden/golden-store.js';

/** What a port is asked for a case. @throws TouchstoneError `golden-damaged` */
export function requestFor(
  golden: GoldenStore,
  row: CaseRow,
  expected: Golden = golden.readGolden(row.id),
): ExplainRequest {
  golden.checkNetwork(row.network);
  const values = Object.values(shapesOf(expected)).reduce((sum, shape) => sum + valuesIn(shape), 0);
  return {
    case: row.id,
    method: row.method,
    networkFolder: golden.networkFolder(row.network),
    x: golden.readInput(row.input),
    target: row.target,
    params: allParams(row),
    fixtures: golden.readFixtures(row.fixture),
    multiplyAdds: expected.meta.multiplyAdds,
    // A wrong shape is judged, a flood of values is refused: the limit lies between the two.
    maxValues: 4 * values + 65_536,
  };
}
