/** The files of one run: its report folder, and what it writes for other programs. */
import { rmSync } from 'node:fs';
import { TouchstoneError } from '@touchstone/contract';
import type { ShownRun } from '@touchstone/report';
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
  readonly #lines: string | undefined;
  #hasCleared = false;

  /** Writes nothing. */
  constructor(report: ReportFolder | null, formats: ResultFormats, { resumes = false, lines }: RunFilesOptions = {}) {
    this.#report = report;
    this.#formats = formats;
    this.#resumes = resumes;
    this.#lines = lines === '-' ? undefined : lines;
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
    if (this.#lines !== undefined) rmSync(this.#lines, { force: true });
  }

  release(): void {
    this.#report?.release();
  }
}
