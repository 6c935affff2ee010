import { existsSync } from 'node:fs';
import { historyLine, lastRunLike, type BenchmarkRow, type Stamp } from '@touchstone/benchmarks';
import { appendLine, lock, readText } from '@touchstone/system';

/** The rows of `bench --rows FILE`, each in the file as soon as it is measured. */
export class RowsFile {
  readonly file: string;
  /** The rows of an interrupted run of the same command. */
  readonly known: readonly BenchmarkRow[];
  /** Of the resumed run, else of this one. */
  readonly stamp: Stamp;

  /** Ends what keeps other runs out. */
  readonly close: () => void;

  private constructor(file: string, known: readonly BenchmarkRow[], stamp: Stamp, close: () => void) {
    this.close = close;
    this.file = file;
    this.known = known;
    this.stamp = stamp;
  }

  /**
   * @throws TouchstoneError `bad-input` for another kind of file, or one that another run writes; errors of the file
   * system for one that cannot be written
   */
  static async open(file: string, stamp: Stamp): Promise<RowsFile> {
    const close = lock(`${file}.run.lock`, `--rows ${file}`, 'Wait for it, or give another --rows.');
    try {
      const text = existsSync(file) ? readText(file, 'bad-input') : '';
      const last = lastRunLike(stamp, text, file);
      appendLine(file, '', 'bad-input');
      return new RowsFile(file, last?.rows ?? [], { ...stamp, started: last?.started ?? stamp.started }, close);
    } catch (error) {
      close();
      throw error;
    }
  }

  async add(row: BenchmarkRow): Promise<void> {
    appendLine(this.file, historyLine(this.stamp, [row]), 'bad-input');
  }
}
