import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The name of a truncated shared library in `folder`, as a full disk leaves it; null: there is none. Loading one ends
 * the process. A 64-bit ELF file states the position of its section headers, and must reach at least there; other files
 * are not checked.
 */
export function truncatedLibrary(folder: string): string | null {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /\.so(\.|$)/.test(name)) : [];
  return names.find((name) => isTruncated(join(folder, name))) ?? null;
}

function isTruncated(path: string): boolean {
  const header = Buffer.alloc(64);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, 64, 0);
  } finally {
    closeSync(file);
  }
  if (header.subarray(0, 6).toString('latin1') !== '\x7fELF\x02\x01') return false;
  const end = Number(header.readBigUInt64LE(0x28)) + header.readUInt16LE(0x3a) * header.readUInt16LE(0x3c);
  return statSync(path).size < end;
}
