/** Networks made in code as files, for sessions that read them in another process. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSafetensors, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { TemporaryFolder } from '@touchstone/system';

export interface NetworkParts {
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
}

export class NetworkScratch {
  readonly #folder = new TemporaryFolder('touchstone-networks-');
  #count = 0;

  /** Each in a folder of its own: a session keeps the last network of a folder. */
  write({ description, weights }: NetworkParts): {
    readonly folder: string;
    remove(): void;
  } {
    const folder = join(this.#folder.path, String(++this.#count));
    mkdirSync(folder);
    writeFileSync(join(folder, 'network.json'), JSON.stringify(description));
    writeFileSync(join(folder, 'weights.safetensors'), writeSafetensors(weights));
    return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
  }

  close(): void {
    this.#folder.remove();
  }
}
