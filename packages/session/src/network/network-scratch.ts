/** Networks made in code as files, for sessions that read them in another process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors, type HostTensor, type NetworkDescription } from '@touchstone/contract';

export interface NetworkParts {
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
}

export class NetworkScratch {
  readonly #folder = mkdtempSync(join(tmpdir(), 'touchstone-networks-'));
  #count = 0;

  constructor() {
    process.once('exit', this.close);
  }

  /** Each in a folder of its own: a session keeps the last network of a folder. */
  write({ description, weights }: NetworkParts): {
    readonly folder: string;
    remove(): void;
  } {
    const folder = join(this.#folder, String(++this.#count));
    mkdirSync(folder);
    writeFileSync(join(folder, 'network.json'), JSON.stringify(description));
    writeFileSync(join(folder, 'weights.safetensors'), writeSafetensors(weights));
    return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
  }

  readonly close = (): void => {
    process.off('exit', this.close);
    rmSync(this.#folder, { recursive: true, force: true });
  };
}
