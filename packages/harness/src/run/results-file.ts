import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Footer, Header, Outcome, ResultLine } from '@touchstone/contract';
import { writeWhole } from '@touchstone/system';

/**
 * `results.ndjson`, complete or not at all. During the run its lines are in `results.partial.ndjson`, in the order in
 * which the cases end and without a footer; an interrupted run leaves that file.
 */
export class ResultsFile {
  readonly path: string;
  readonly #partial: string;
  readonly #header: Header;

  constructor(folder: string, header: Header) {
    mkdirSync(folder, { recursive: true });
    this.path = join(folder, 'results.ndjson');
    this.#partial = join(folder, 'results.partial.ndjson');
    this.#header = header;
    rmSync(this.path, { force: true });
    writeFileSync(this.#partial, line(header));
  }

  append(outcome: Outcome): void {
    appendFileSync(this.#partial, line(outcome));
  }

  finish(outcomes: readonly Outcome[], footer: Footer): void {
    writeWhole(this.path, [this.#header, ...outcomes, footer].map(line).join(''));
    rmSync(this.#partial, { force: true });
  }
}

function line(value: ResultLine): string {
  return `${JSON.stringify(value)}\n`;
}
