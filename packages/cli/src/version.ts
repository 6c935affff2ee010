import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenDefault } from './options.js';

interface Manifest {
  readonly version: string;
  readonly software: { readonly torch?: string };
}

/** One line each for touchstone, Node.js, and the goldens where they exist. */
export function versionText(golden: string = goldenDefault): string {
  const { version } = readJson<{ version: string }>(new URL('../package.json', import.meta.url));
  const lines = [`touchstone ${version}`, `Node.js ${process.versions.node}`];
  const file = join(golden, 'manifest.json');
  if (existsSync(file)) {
    const { version: goldens, software } = readJson<Manifest>(file);
    lines.push(`goldens ${goldens}, made with PyTorch ${software.torch ?? 'unknown'}`);
  }
  return `${lines.join('\n')}\n`;
}

function readJson<T>(file: string | URL): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
