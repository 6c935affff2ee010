import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRequired, TouchstoneError, writeSafetensors, type CaseRow } from '@touchstone/contract';
import { allParams } from '../port/request-for.js';
import { writeWhole } from '@touchstone/system';
import { exportNetwork } from './export-network.js';
import type { GoldenStore } from './golden-store.js';

/** A line of the exported cases.jsonl. */
export interface ExportedCase extends Pick<CaseRow, 'id' | 'method' | 'network' | 'target'> {
  /** Path below the folder: a safetensors file with `x` and the fixtures. */
  readonly inputs: string;
  /** All of them: defaults included, and modules by their names. */
  readonly params: Record<string, unknown>;
  readonly stages: readonly string[];
  /** Those that an answer must have. */
  readonly required: readonly string[];
}

/**
 * Writes the cases, but no goldens, for a port that runs elsewhere (way 3 of the port protocol). `folder` must be new
 * or empty.
 */
export function exportCases(golden: GoldenStore, cases: readonly CaseRow[], folder: string): ExportedCase[] {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new TouchstoneError(
      'usage',
      `--export ${folder}: the folder is not empty`,
      'Export into a new or empty folder.',
    );
  golden.checkCases(cases);
  const written = new Set<string>();
  const once = (path: string, write: (whole: string) => void): void => {
    if (written.has(path)) return;
    written.add(path);
    const whole = join(folder, path);
    mkdirSync(dirname(whole), { recursive: true });
    write(whole);
  };
  const rows = cases.map((row): ExportedCase => {
    const description = golden.readNetwork(row.network);
    const x = golden.readInput(row.input);
    once(`networks/${row.network}`, (path) => exportNetwork(golden.networkFolder(row.network), path, writeWhole));
    const inputs =
      row.fixture === undefined ? `inputs/${row.input}.safetensors` : `inputs/${row.input}+/${row.fixture}.safetensors`;
    once(inputs, (path) => writeWhole(path, writeSafetensors({ x, ...golden.readFixtures(row.fixture) })));
    const { id, method, network, target, about } = row;
    const { stages } = golden.readGolden(id).meta;
    const params = allParams(row, description, x.shape);
    const required = stages.filter((stage) => isRequired(stage, about));
    return { id, method, network, inputs, target, params, stages, required };
  });
  // Written last, so that a folder with a cases.jsonl is complete.
  writeWhole(join(folder, 'cases.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return rows;
}
