/** `touchstone merge`: the shards of a run, as one run. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { resultsFiles, resultsText, TouchstoneError, type SkipLimit } from '@touchstone/contract';
import {
  mergeShards,
  openGolden,
  readResults,
  resultsFileIn,
  type Merged,
  type ShardResults,
} from '@touchstone/harness';
import { writeWhole } from '@touchstone/system';
import { baselineOf, type BaselineOptions } from './baseline.js';
import { commandOfShard } from './chosen.js';
import { isOfOwn, replayFrom } from './given.js';
import { KeptReport, nothingKept } from './kept-report.js';
import { note, print } from './output.js';
import { checkDistinct } from './outputs.js';
import { printVerification } from './print-verification.js';
import { checkResultLines, ReportFolder } from './report-folder.js';
import { formatsOfRun, type FormatOptions } from './result-formats.js';
import { RunFiles } from './run-files.js';
import { shown, type Known } from './shown.js';

export interface MergeOptions extends FormatOptions, BaselineOptions {
  readonly maxSkipped?: SkipLimit;
  readonly report?: string;
  readonly json?: string;
  readonly golden: string;
}

/** Exit status as `verify`; 4 where a shard is missing or has not ended. */
export async function runMerge(paths: readonly string[], options: MergeOptions): Promise<void> {
  const { report: folder, json } = options;
  // The next merge would find there what this one writes.
  for (const path of paths) checkDistinct({ '--report': folder, 'the folder of the shards': path });
  const sources = paths.flatMap(resultsIn);
  const baseline = baselineOf(options);
  const files = filesOf(options, sources);
  const shards = sources.map((path): ShardResults => ({ path, results: readResults(path) }));
  try {
    const merged = mergeShards(shards, {
      maxSkipped: options.maxSkipped,
      commandFor: (part, shard, path) => commandOfShard(part, shard, path === null ? `shard-${shard}` : dirname(path)),
    });
    const text = resultsText(merged);
    files.begin();
    files.writeLines(text);
    const known = knownOf(merged, options.golden);
    const judged = new Set(merged.outcomes.map((outcome) => outcome.case));
    const cases = known.cases.filter(({ id }) => judged.has(id));
    if (json !== '-') printVerification(merged, cases, (outcome) => replayFrom(merged.header, outcome));
    if (folder !== undefined) {
      const kept = new KeptReport(folder, { networkFolder: () => '' });
      for (const file of sources) kept.copyFrom(dirname(file));
      const line = kept.finish(merged, cases);
      writeWhole(join(folder, resultsFiles.whole), text);
      if (json !== '-') print(line);
    } else if (json === undefined) print(nothingKept);
    baseline?.(merged.outcomes);
    files.write(shown(merged, known));
    process.exitCode = merged.exitStatus;
  } catch (error) {
    files.fail(error);
    throw error;
  } finally {
    files.release();
  }
}

/** @throws TouchstoneError where the results of a shard, or a file of others, would be replaced */
function filesOf(options: MergeOptions, sources: readonly string[]): RunFiles {
  const { report: folder, json, expectationsOut } = options;
  const toFile = json === '-' ? undefined : json;
  for (const file of sources) {
    // Also of a shard that has not ended.
    const inReport = folder === undefined ? undefined : join(folder, basename(file));
    checkDistinct({ '--json': toFile, '--report': inReport, '--expectations-out': expectationsOut, results: file });
  }
  if (toFile !== undefined) checkResultLines(toFile);
  const report = folder === undefined ? null : new ReportFolder(folder);
  const others = Object.fromEntries(sources.map((file, index) => [`shard ${index + 1}`, file]));
  const formats = formatsOfRun(options, Object.assign(others, { '--expectations-out': expectationsOut }));
  return new RunFiles(report, formats, { lines: json });
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

/** The cases of the golden folder, if they are those of the run. */
function knownOf({ header }: Merged, golden: string): Known {
  const none: Known = { cases: [], golden: null };
  if (isOfOwn(header.given ?? {})) return none;
  try {
    const store = openGolden(golden);
    if (store.manifestHash === header.golden) return { cases: store.cases, golden };
  } catch (error) {
    if (!(error instanceof TouchstoneError)) throw error;
  }
  note('the goldens of this run are not here, so it is not said why each case exists');
  return none;
}
