import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors, type CaseRow, type Outcome, type Stages } from '@touchstone/contract';
import { openGolden, type GoldenStore } from '../golden/golden-store.js';
import { verify } from '../run/verify.js';

/** The outcomes of answers to one case that come as files, from an unknown port, in one run. */
export async function judgedAsFiles(
  golden: GoldenStore,
  row: CaseRow,
  answers: readonly Stages[],
): Promise<readonly Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-test-'));
  const copies = openGolden(golden.root);
  copies.readGolden = () => golden.readGolden(row.id);
  const cases = answers.map((_, i) => ({ ...row, id: `${row.id}-${i}` }));
  try {
    for (const [i, { id }] of cases.entries()) {
      mkdirSync(join(folder, id), { recursive: true });
      writeFileSync(join(folder, id, 'outputs.safetensors'), writeSafetensors(answers[i]!));
    }
    return (await verify({ golden: copies, cases, outputs: folder })).outcomes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
