import { cpus, totalmem, type } from 'node:os';

/** In words: system, processors and memory. */
export function machine(): string {
  const processors = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
  return `${type()} ${process.arch}, ${processors}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}
