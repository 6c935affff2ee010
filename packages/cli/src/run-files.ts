/** The files of one run: its report folder, and what it writes for other programs. */
import { rmSync } from 'node:fs';
import { TouchstoneError } from '@touchstone/contract';
import type { ShownRun } from '@touchstone/report';
import { writeWhole } from '@touchstone/system';
import { printedJson } from './output.js';
import type { ReportFolder } from './report-folder.js';
import type { ResultFormats } from './result-formats.js';

interface RunFilesOptions {
  /** The run continues an earlier one, or is refused. */
  readonly resumes?: boolean | undefined;
  /** The file of --json; `-`: stdout. */
  readonly lines?: string | undefined;
}

export class RunFiles {
  readonly #report: ReportFolder | null;
  readonly #formats: ResultFormats;
  readonly #resumes: boolean;
  readonly #lines: string | null;
  readonly #isPrinted: boolean;
  #hasCleared = false;

  /** Writes nothing. */
  constructor(report: ReportFolder | null, formats: ResultFormats, { resumes = false, lines }: RunFilesOptions = {}) {
    this.#report = report;
    this.#formats = formats;
    this.#resumes = resumes;
    this.#isPrinted = lines === '-';
    this.#lines = lines === undefined || this.#isPrinted ? null : lines;
  }

  /**
   * Once the options are checked, before anything can fail: what an earlier run found is not taken for what this one
   * finds. @throws TouchstoneError as `lock`
   */
  begin(): void {
    this.#report?.lock();
    if (!this.#resumes) this.start();
  }

  /** The run goes on: it is not refused any more. */
  start(): void {
    if (this.#hasCleared) return;
    this.#report?.lock();
    this.#hasCleared = true;
    this.#report?.clear(this.#resumes);
    this.#clearOthers();
  }

  /** Where --json wants the text of the results. */
  writeLines(text: string): void {
    if (this.#isPrinted) process.stdout.write(printedJson(text));
    else if (this.#lines !== null) writeWhole(this.#lines, text);
  }

  write(run: ShownRun): void {
    this.#formats.write([run]);
  }

  /** A run that was refused for what the user gave loses nothing; after another error there is no older report. */
  fail(error: unknown): void {
    const isRefused = error instanceof TouchstoneError && error.exitStatus === 64;
    if (isRefused) return;
    if (this.#report?.exists === false) this.#clearOthers();
    else this.start();
  }

  #clearOthers(): void {
    this.#formats.clear();
    if (this.#lines !== null) rmSync(this.#lines, { force: true });
  }

  release(): void {
    this.#report?.release();
  }
}
