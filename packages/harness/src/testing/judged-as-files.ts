import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors, type CaseRow, type Outcome, type Stages } from '@touchstone/contract';
import type { GoldenStore } from '../golden/golden-store.js';
import { verify } from '../run/verify.js';

/** The outcome of one answer that comes as a file, from an unknown port. */
export async function judgedAsFiles(golden: GoldenStore, row: CaseRow, stages: Stages): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-test-'));
  try {
    mkdirSync(join(folder, row.id), { recursive: true });
    writeFileSync(join(folder, row.id, 'outputs.safetensors'), writeSafetensors(stages));
    return (await verify({ golden, cases: [row], outputs: folder })).outcomes[0]!;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
