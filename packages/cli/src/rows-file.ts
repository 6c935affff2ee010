import { existsSync } from 'node:fs';
import { historyLine, lastRunLike, type BenchmarkRow, type Stamp } from '@touchstone/benchmarks';
import { appendLine, readText } from '@touchstone/system';

/** The rows of `bench --rows FILE`, each in the file as soon as it is measured. */
export class RowsFile {
  readonly file: string;
  /** The rows of an interrupted run of the same command. */
  readonly known: readonly BenchmarkRow[];
  /** Of the resumed run, else of this one. */
  readonly stamp: Stamp;

  private constructor(file: string, known: readonly BenchmarkRow[], stamp: Stamp) {
    this.file = file;
    this.known = known;
    this.stamp = stamp;
  }

  /**
   * @throws TouchstoneError `bad-input` for another kind of file; errors of the file system for one that cannot be
   * written
   */
  static async open(file: string, stamp: Stamp): Promise<RowsFile> {
    const text = existsSync(file) ? readText(file, 'bad-input') : '';
    const last = lastRunLike(stamp, text, file);
    appendLine(file, '', 'bad-input');
    return new RowsFile(file, last?.rows ?? [], { ...stamp, started: last?.started ?? stamp.started });
  }

  async add(row: BenchmarkRow): Promise<void> {
    appendLine(this.file, historyLine(this.stamp, [row]), 'bad-input');
  }
}
