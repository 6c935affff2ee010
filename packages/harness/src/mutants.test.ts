/** The harness rejects every mutant, by a named check, on real goldens; and accepts the method that it is a mutant of. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import type { CaseRow, Stages } from '@touchstone/contract';
import { explain, findMethod, mutants, type Explanation } from '@touchstone/methods';
import { loadNetwork, type Network } from '@touchstone/network';
import { openGolden } from './golden-store.js';
import { judge } from './judge.js';
import { readNetworkFolder } from './network-folder.js';

const golden = openGolden(join(fileURLToPath(import.meta.url), '../../../../golden'));
/** Real weights take long in float64; the small networks are there to catch faults. */
const cases = golden.cases.filter(({ network }) => network !== 'efficientnet-lite0');
const networks = new Map<string, Network>();

beforeAll(() => findBackend('float64').open());

function explanation(row: CaseRow): Explanation {
  const network = networks.get(row.network) ?? open(row.network);
  networks.set(row.network, network);
  return { network, x: golden.readInput(row.input), target: row.target, params: row.params, fixtures: golden.readFixtures(row.fixture) };
}

function open(name: string): Network {
  const { description, weights } = readNetworkFolder(golden.networkFolder(name));
  return loadNetwork(description, weights);
}

/** The case and the check that reject it, or null. */
async function rejection(rows: readonly CaseRow[], run: (row: CaseRow) => Promise<Stages>): Promise<string | null> {
  for (const row of rows) {
    const { status, check, stage } = judge(golden.readGolden(row.id), await run(row), true);
    if (status === 'failed') return `${check} at stage ${stage} of ${row.id}`;
  }
  return null;
}

describe.each([...new Set(mutants.flatMap(({ of }) => of))])('%s', (id) => {
  const method = findMethod(id);
  const rows = cases.filter((row) => row.method === id);

  it('itself is accepted', async () => {
    expect(await rejection(rows, async (row) => (await explain(method, explanation(row))).stages)).toBeNull();
  });

  it.each(mutants.filter(({ of }) => of.includes(id)).map((mutant) => [mutant.id, mutant] as const))('%s is rejected', async (_name, mutant) => {
    const rejected = await rejection(rows, (row) => mutant.explain(method, explanation(row)));
    console.info(`${mutant.id} of ${id}: ${rejected ?? 'accepted'}`);
    expect(rejected, mutant.fault).toMatch(/^(shape|non-finite|e2|eMax|stages) at stage /);
  });
});
