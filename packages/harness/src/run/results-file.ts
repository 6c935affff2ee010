import { appendFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  parseResults,
  resultsFiles,
  resultsText,
  TouchstoneError,
  type Footer,
  type Header,
  type Outcome,
  type Part,
  type Results,
} from '@touchstone/contract';
import { about, checkWritable, maxBytes, readText, writeWhole } from '@touchstone/system';

/**
 * `results.ndjson`, complete or not at all. During the run its lines are in `results.partial.ndjson`, in the order in
 * which the cases end and without a footer; an interrupted run leaves that file.
 */
export class ResultsFile {
  readonly path: string;
  readonly #partial: string;
  readonly #header: Header;

  /** @param kept outcomes of an earlier run, which it continues */
  constructor(folder: string, header: Header, kept: readonly Outcome[] = []) {
    this.path = join(folder, resultsFiles.whole);
    this.#partial = join(folder, resultsFiles.partial);
    this.#header = header;
    checkWritable(this.path);
    // First, and in place of whatever had its name: a link is not followed.
    writeWhole(this.#partial, resultsText({ header, outcomes: kept, footer: null }));
    rmSync(this.path, { force: true });
  }

  append(outcome: Outcome): void {
    try {
      appendFileSync(this.#partial, `${JSON.stringify(outcome)}\n`);
    } catch (error) {
      throw about(this.#partial, error);
    }
  }

  finish(outcomes: readonly Outcome[], footer: Footer): void {
    writeWhole(this.path, resultsText({ header: this.#header, outcomes, footer }));
    rmSync(this.#partial, { force: true });
  }
}

/** The results in the folder of a run: of one that has ended, else of one that has not; null: none. */
export function resultsFileIn(folder: string): string | null {
  const paths = [resultsFiles.whole, resultsFiles.partial].map((name) => join(folder, name));
  return paths.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile()) ?? null;
}

/** @throws TouchstoneError `bad-input`: no such file, or as `parseResults` */
export function readResults(file: string): Results {
  return parseResults(readText(file, 'bad-input', 'Give a results file of touchstone verify.', maxBytes.results), file);
}

/**
 * What an earlier run of the same part of the same plan left in the folder, complete or not; null: nothing.
 * @throws TouchstoneError `bad-input`: of another plan, or no results
 */
export function readEarlier(folder: string, part: Part): Results | null {
  const path = resultsFileIn(folder);
  if (path === null) return null;
  const results = readResults(path);
  const { plan, touchstone } = results.header;
  if (plan?.hash === part.hash && plan.shard === part.shard) return results;
  throw new TouchstoneError(
    'bad-input',
    `--resume: ${path} is of another run: ${howOther(plan, part)} (touchstone ${touchstone})`,
    'Give the options of that run, or omit --resume to begin again.',
  );
}

/**
 * The header with which an interrupted run goes on: as it began, on both machines where they differ.
 * @throws TouchstoneError `bad-input` where another implementation would go on
 */
export function continued(earlier: Header, now: Header): Header {
  const whatOf = ({ port, backends, unavailable }: Header): string =>
    JSON.stringify([port, backends.map(({ id, precision }) => [id, precision]), unavailable.map(({ id }) => id)]);
  if (whatOf(earlier) !== whatOf(now))
    throw new TouchstoneError(
      'bad-input',
      `--resume: the earlier results are of ${subjectOf(earlier)}, this run is of ${subjectOf(now)}`,
      'Make the same port and backends available, or omit --resume to begin again.',
    );
  const { machine } = earlier;
  return { ...earlier, machine: machine.includes(now.machine) ? machine : `${machine}; ${now.machine}` };
}

function subjectOf({ port, backends, unavailable }: Header): string {
  const ids = backends.map(({ id, precision }) => `${id} in ${precision}`).join(', ') || 'no backend';
  const without = unavailable.length === 0 ? '' : ` without ${unavailable.map(({ id }) => id).join(', ')}`;
  return `${port.name} ${port.version} on ${ids}${without}`;
}

function howOther(plan: Part | undefined, part: Part): string {
  if (plan === undefined) return 'it has no plan';
  if (plan.hash === part.hash) return `it is shard ${plan.shard ?? 'all'}, this is ${part.shard}`;
  if (plan.shards !== part.shards) return `of ${plan.shards} shards, not ${part.shards}`;
  return plan.total === part.total ? 'another plan' : `of ${plan.total} cases, not ${part.total}`;
}
