import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Footer, Header, Outcome, ResultLine } from '@touchstone/contract';
import { about, checkWritable, writeWhole } from '@touchstone/system';

/**
 * `results.ndjson`, complete or not at all. During the run its lines are in `results.partial.ndjson`, in the order in
 * which the cases end and without a footer; an interrupted run leaves that file.
 */
export class ResultsFile {
  readonly path: string;
  readonly #partial: string;
  readonly #header: Header;

  constructor(folder: string, header: Header) {
    this.path = join(folder, 'results.ndjson');
    this.#partial = join(folder, 'results.partial.ndjson');
    this.#header = header;
    checkWritable(this.path);
    // First, and in place of whatever had its name: a link is not followed.
    writeWhole(this.#partial, line(header));
    rmSync(this.path, { force: true });
  }

  append(outcome: Outcome): void {
    try {
      appendFileSync(this.#partial, line(outcome));
    } catch (error) {
      throw about(this.#partial, error);
    }
  }

  finish(outcomes: readonly Outcome[], footer: Footer): void {
    writeWhole(this.path, [this.#header, ...outcomes, footer].map(line).join(''));
    rmSync(this.#partial, { force: true });
  }
}

function line(value: ResultLine): string {
  return `${JSON.stringify(value)}\n`;
}
