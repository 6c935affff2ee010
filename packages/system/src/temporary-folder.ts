import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterUs } from './after-us.js';
import { removeQuietly } from './removal.js';

/** A new folder that is removed by `remove`, else with this process, however that ends (on Windows not if killed). */
export class TemporaryFolder {
  readonly path: string;
  readonly #callOff: () => void;

  /** @param prefix of its name */
  constructor(prefix: string) {
    this.path = mkdtempSync(join(tmpdir(), prefix));
    this.#callOff = afterUs('rm -rf -- "$1"', [this.path]);
    process.once('exit', this.remove);
  }

  readonly remove = (): void => {
    process.off('exit', this.remove);
    removeQuietly(this.path);
    this.#callOff();
  };
}
