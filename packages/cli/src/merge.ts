/** `touchstone merge`: the shards of a run, as one run. */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resultsFiles, resultsText, TouchstoneError, type CaseRow } from '@touchstone/contract';
import {
  mergeShards,
  openGolden,
  readResults,
  resultsFileIn,
  type Merged,
  type ShardResults,
} from '@touchstone/harness';
import { checkWritable, writeWhole } from '@touchstone/system';
import { replayFrom } from './given.js';
import { KeptReport, nothingKept } from './kept-report.js';
import { note, print } from './output.js';
import { checkDistinct } from './outputs.js';
import { printVerification } from './print-verification.js';
import { ReportFolder } from './report-folder.js';
import { commandOfShard } from './verify.js';

export interface MergeOptions {
  readonly report?: string;
  readonly json?: string;
  readonly golden: string;
}

/** Exit status as `verify`; 4 where a shard is missing or has not ended. */
export async function runMerge(paths: readonly string[], options: MergeOptions): Promise<void> {
  const { report: folder, json } = options;
  const toFile = json === '-' ? undefined : json;
  const files = paths.flatMap(resultsIn);
  for (const file of files) checkDistinct({ '--json': toFile, results: file });
  if (toFile !== undefined) checkWritable(toFile);
  const shards = files.map((path): ShardResults => ({ path, results: readResults(path) }));
  const report = folder === undefined ? null : new ReportFolder(folder);
  if (folder !== undefined) refuseOwn(folder, files);
  const merged = mergeShards(shards, (part, shard, path) =>
    commandOfShard(part, shard, path === null ? `shard-${shard}` : dirname(path)),
  );
  const text = resultsText(merged);
  try {
    report?.begin();
    if (json === '-') process.stdout.write(text);
    else if (toFile !== undefined) writeWhole(toFile, text);
    const cases = casesOf(merged, options.golden);
    if (json !== '-') printVerification(merged, cases, (outcome) => replayFrom(merged.header, outcome));
    if (folder !== undefined) {
      const kept = new KeptReport(folder, { networkFolder: () => '' });
      for (const file of files) kept.copyFrom(dirname(file));
      const line = kept.finish(merged, cases);
      writeWhole(join(folder, resultsFiles.whole), text);
      if (json !== '-') print(line);
    } else if (json === undefined) print(nothingKept);
  } finally {
    report?.release();
  }
  process.exitCode = merged.exitStatus;
}

/** A results file; of a folder those in it, or in its folders, complete or not. */
function resultsIn(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const own = resultsFileIn(path);
  if (own !== null) return [own];
  const found = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(path, name))
    .toSorted()
    .flatMap((folder) => resultsFileIn(folder) ?? []);
  if (found.length > 0) return found;
  throw new TouchstoneError(
    'bad-input',
    `${path} has no results.ndjson, nor have its folders`,
    'Give the --report folders of the shards, or a folder with them.',
  );
}

/** The report of a shard is not replaced by that of all. */
function refuseOwn(folder: string, files: readonly string[]): void {
  for (const file of files) checkDistinct({ '--report': join(folder, resultsFiles.whole), results: file });
}

/** The reasons of cases, where their goldens are here. */
function casesOf({ header, outcomes }: Merged, root: string): CaseRow[] {
  try {
    const golden = openGolden(root);
    const judged = new Set(outcomes.map((outcome) => outcome.case));
    if (golden.manifestHash === header.golden) return golden.cases.filter(({ id }) => judged.has(id));
  } catch (error) {
    if (!(error instanceof TouchstoneError)) throw error;
  }
  note('the goldens of this run are not here, so it is not said why each case exists');
  return [];
}
