/** The state of an iterated method that was interrupted, next to its output: FILE.unfinished.safetensors. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  parse,
  readSafetensors,
  TouchstoneError,
  writeSafetensors,
  type HostTensor,
  type Stages,
} from '@touchstone/contract';
import type { Method } from '@touchstone/methods';
import type { ExplainRequest, NetworkFolder } from '@touchstone/session';
import { maxBytes, readBounded, sha256, writeWhole } from '@touchstone/system';
import { unfinishedOf } from './outputs.js';

interface Reached {
  readonly step: number;
  readonly state: Stages;
}

export class Unfinished {
  readonly file: string;
  readonly #job: string;

  /** @param job everything that determines the answer: a state of another run is refused */
  constructor(output: string, job: readonly (string | Uint8Array)[]) {
    this.file = unfinishedOf(output);
    const hash = createHash('sha256');
    for (const part of job) hash.update(String(part.length)).update(':').update(part);
    this.#job = hash.digest('hex');
  }

  /** @throws TouchstoneError `bad-input` for a file that is another run's, or not a state */
  read(): Reached | undefined {
    if (!existsSync(this.file)) return undefined;
    const hint = 'Give --restart to start again without it, or another --out.';
    const another = (why: string) => new TouchstoneError('bad-input', `${this.file} ${why}`, hint);
    const bytes = readBounded(this.file, maxBytes.tensors, 'bad-input', hint);
    let read: ReturnType<typeof readSafetensors>;
    try {
      read = readSafetensors(bytes, this.file);
    } catch {
      throw another('is not a state of attribute');
    }
    const step = Number(read.metadata['step']);
    if (!Number.isSafeInteger(step) || step < 1) throw another('is not a state of attribute');
    if (read.metadata['job'] !== this.#job)
      throw another('is the state of another run: the method, network, image, target, parameters or backend differ');
    if (read.metadata['sha256'] !== digestOf({ step, state: read.tensors }))
      throw another('is damaged, or was changed');
    return { step, state: read.tensors };
  }

  async write({ step, state }: Reached): Promise<void> {
    const metadata = { job: this.#job, step: String(step), sha256: digestOf({ step, state }) };
    writeWhole(this.file, writeSafetensors(state, metadata));
  }

  async drop(): Promise<void> {
    await rm(this.file, { force: true });
  }
}

/** Of what a run goes on from: a changed step or state is not taken. */
function digestOf({ step, state }: Reached): string {
  const hash = createHash('sha256').update(String(step));
  for (const name of Object.keys(state).toSorted()) {
    const { shape, data } = state[name]!;
    hash.update(`\n${name} ${shape.join()} ${data.constructor.name}\n`).update(bytesOf(data));
  }
  return hash.digest('hex');
}

/** Everything that determines the answer. */
export function identityOf(
  method: Method,
  { x, target, params, fixtures }: ExplainRequest,
  { folder, description }: NetworkFolder,
  backend: string,
): (string | Uint8Array)[] {
  const stored = join(folder, 'weights.safetensors');
  const tensors = Object.entries({ x, ...fixtures }).flatMap(([name, { shape, data }]) => [
    `${name} ${shape.join()}`,
    bytesOf(data),
  ]);
  return [
    method.id,
    JSON.stringify(parse(method.params, params, 'parameters', 'bad-params')),
    JSON.stringify(target),
    backend,
    JSON.stringify(description),
    existsSync(stored) ? sha256(readBounded(stored, maxBytes.weights, 'bad-network')) : 'seeded',
    ...tensors,
  ];
}

function bytesOf({ buffer, byteOffset, byteLength }: HostTensor['data']): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
