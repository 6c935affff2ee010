import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, plainText } from '@touchstone/contract';
import { findGolden, readText } from '@touchstone/system';

/** Of manifest.json, what is shown. */
interface Manifest {
  readonly version?: string;
  readonly software?: { readonly torch?: string };
}

/** One line each for touchstone, Node.js, and the goldens where they exist. */
export function versionText(golden: string = findGolden()): string {
  const lines = [`touchstone ${version()}`, `Node.js ${process.versions.node}`];
  const file = join(golden, 'manifest.json');
  if (existsSync(file)) lines.push(goldensIn(file));
  return `${lines.join('\n')}\n`;
}

export function version(): string {
  return readJson<{ version: string }>(new URL('../package.json', import.meta.url)).version;
}

/** Never throws: a report of damaged goldens needs the other versions. */
function goldensIn(file: string): string {
  try {
    const { version, software } = JSON.parse(readText(file, 'golden-damaged')) as Manifest;
    const torch = plainText(software?.torch ?? 'unknown', 40);
    return `goldens ${plainText(String(version), 40)}, made with PyTorch ${torch}`;
  } catch (error) {
    return `goldens damaged: ${messageOf(error)}`;
  }
}

function readJson<T>(file: URL): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
