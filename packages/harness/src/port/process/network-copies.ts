import { rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { exportNetwork } from '../../golden/export-network.js';
import { networkFiles } from '@touchstone/session';

/** The most that the copies may hold together, unless one alone holds more, in bytes. */
const maxCopied = 2 ** 30;

interface Copy {
  readonly folder: string;
  readonly bytes: number;
}

/** Copies of networks, whose paths do not lead to golden/. One that was removed is later copied to a new path. */
export class NetworkCopies {
  readonly #folder: string;
  readonly #copies = new Map<string, Copy>();
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The folder of the copy, made on first use. */
  of(original: string): string {
    const copy = this.#copies.get(original) ?? this.#make(original);
    // The one that was used last is last.
    this.#copies.delete(original);
    this.#copies.set(original, copy);
    return copy.folder;
  }

  #make(original: string): Copy {
    const folder = join(this.#folder, `${++this.#count}-${basename(original)}`);
    exportNetwork(original, folder, writeFileSync);
    const bytes = networkFiles.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    let all = [...this.#copies.values()].reduce((sum, copy) => sum + copy.bytes, bytes);
    for (const [name, oldest] of this.#copies) {
      if (all <= maxCopied) break;
      rmSync(oldest.folder, { recursive: true, force: true });
      this.#copies.delete(name);
      all -= oldest.bytes;
    }
    return { folder, bytes };
  }
}
