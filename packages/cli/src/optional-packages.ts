import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { optionalPackages } from '@touchstone/contract';

/** A package that is not installed: what needs it, and the command that installs it. */
export interface LackingPackage {
  readonly name: string;
  readonly for: string;
  readonly install: string;
}

/** In the order of the table. @param from a file; Node.js looks for packages above it */
export function lackingPackages(from: string = fileURLToPath(import.meta.url)): LackingPackage[] {
  return Object.entries(optionalPackages).flatMap(([name, [version, purpose]]) =>
    isAbove(dirname(from), name) ? [] : [{ name, for: purpose, install: `npm install --save-dev ${name}@${version}` }],
  );
}

function isAbove(folder: string, name: string): boolean {
  if (existsSync(join(folder, 'node_modules', name, 'package.json'))) return true;
  return dirname(folder) !== folder && isAbove(dirname(folder), name);
}
