import { cpus, totalmem, type } from 'node:os';

/** In words: system, processors and memory. */
export function machine(): string {
  return `${type()} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}
