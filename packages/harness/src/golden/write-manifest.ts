import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '@touchstone/contract';
import { sha256 } from '@touchstone/system';

/** Lists every file below a golden folder with its current hash, in its manifest.json. */
export function writeManifest(root: string, machine: string): void {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => statSync(join(root, path)).isFile() && path !== 'manifest.json',
  );
  const files = Object.fromEntries(
    paths.map((path) => {
      const bytes = readFileSync(join(root, path));
      return [path.replaceAll('\\', '/'), { sha256: sha256(bytes), bytes: bytes.length }];
    }),
  );
  const manifest: Manifest = { version: '1', software: {}, machines: [machine], files, licences: [] };
  writeFileSync(join(root, 'manifest.json'), JSON.stringify(manifest));
}
