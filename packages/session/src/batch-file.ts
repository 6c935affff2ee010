import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Backend } from '@touchstone/backends';
import { parseJson } from '@touchstone/contract';
import type { Batching, BatchMemory, KnownBatch } from '@touchstone/methods';
import { readText, writeWhole, machine } from '@touchstone/system';

const Known = z.strictObject({ batch: z.number().int().min(1).max(1_000_000), settled: z.boolean() });
/** Machine → key → what was found. */
const Found = z.strictObject({ version: z.literal(1), machines: z.record(z.string(), z.record(z.string(), Known)) });
type Found = z.infer<typeof Found>;

/** Of one machine; the oldest make place. */
const maxKept = 500;

/** Batch sizes that were found on this machine, kept in a file that may be missing, spoilt or read-only: then they are found again. */
export class BatchFile implements BatchMemory {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  get(key: string): KnownBatch | undefined {
    const known = this.#read().machines[machine()] ?? {};
    return Object.hasOwn(known, key) ? known[key] : undefined;
  }

  set(key: string, found: KnownBatch): void {
    const { machines } = this.#read();
    const { [key]: _, ...others } = machines[machine()] ?? {};
    const kept = Object.fromEntries([...Object.entries(others), [key, found]].slice(-maxKept));
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeWhole(
        this.#path,
        `${JSON.stringify({ version: 1, machines: { ...machines, [machine()]: kept } } satisfies Found, null, 2)}\n`,
      );
    } catch {
      // The next run finds it again.
    }
  }

  #read(): Found {
    try {
      return parseJson(readText(this.#path, 'bad-input'), Found, this.#path, 'bad-input');
    } catch {
      return { version: 1, machines: {} };
    }
  }
}

/** Lets smooth-grad find its batch size: half of the memory there is, shared among `engines` of the backend, is for one pass. */
export function batchingOn({ memoryBytes }: Backend, engines: number, memory: BatchMemory): Batching {
  return { memory, budgetBytes: Math.min(process.availableMemory() / engines, memoryBytes ?? Infinity) / 2 };
}
