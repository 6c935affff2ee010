import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { maxReferenceError, TouchstoneError, messageOf, type CaseRow, type GoldenMeta } from '@touchstone/contract';
import { below, maxBytes, readBounded, sha256 } from '@touchstone/system';
import { filesOf, openGolden } from './golden-store.js';
import { partFile } from './golden-part.js';
import { readNetworkFolder } from '@touchstone/session';

export interface GoldenFinding {
  /** Path below golden/, or a case's id. */
  readonly where: string;
  readonly problem: string;
}

/** Files that the manifest does not list: itself, and files that may change without a new golden. */
const unlisted = new Set([
  partFile,
  'manifest.json',
  'cross-checks.json',
  'expectations.jsonc',
  'stock-tfjs.json',
  'README.md',
]);

/**
 * Checks every hash, size, file and network, and every case with its golden; of an installed part what it holds. An
 * empty result means no damage.
 */
export function* verifyGolden(root: string): Generator<GoldenFinding> {
  let store: ReturnType<typeof openGolden>;
  try {
    store = openGolden(root);
  } catch (error) {
    if (error instanceof TouchstoneError && error.code === 'missing-package') throw error;
    yield found('golden', error);
    return;
  }
  for (const [path, { bytes, sha256: hash }] of Object.entries(store.manifest.files)) {
    if (!store.holds(path)) continue;
    try {
      const content = readBounded(below(root, path, 'golden-damaged'), maxBytes.weights, 'golden-damaged');
      if (content.length !== bytes)
        yield { where: path, problem: `has ${content.length} bytes, the manifest says ${bytes}` };
      else if (sha256(content) !== hash) yield { where: path, problem: 'its SHA-256 is not the one in the manifest' };
    } catch (error) {
      yield found(path, error);
    }
  }
  for (const path of filesBelow(root)) {
    if (!unlisted.has(path) && !Object.hasOwn(store.manifest.files, path))
      yield { where: path, problem: 'is not in the manifest' };
  }
  const held = new Set(store.cases.filter((row) => store.holdsCase(row)));
  for (const network of new Set([...held].map((row) => row.network))) {
    try {
      readNetworkFolder(store.networkFolder(network));
    } catch (error) {
      yield found(`networks/${network}`, error);
    }
  }
  const used = new Set<string>();
  for (const row of store.cases) {
    for (const path of filesOf(row, store.manifest)) used.add(path);
    if (!held.has(row)) continue;
    try {
      store.readInput(row.input);
      store.readFixtures(row.fixture);
      const { meta } = store.readGolden(row.id);
      for (const problem of [...voidBounds(meta), ...unknownStages(row, meta)]) yield { where: row.id, problem };
    } catch (error) {
      yield found(row.id, error);
    }
  }
  for (const path of Object.keys(store.manifest.files)) {
    if (path.startsWith('data/') && !used.has(path)) yield { where: path, problem: 'belongs to no case' };
  }
}

function voidBounds({ reference }: GoldenMeta): string[] {
  return Object.entries(reference).flatMap(([stage, { e2, eMax }]) => {
    const largest = Math.max(e2, eMax);
    if (largest <= maxReferenceError) return [];
    return `stage "${stage}": float32 is off by ${largest.toExponential(1)}, at most ${maxReferenceError} is allowed`;
  });
}

function unknownStages({ about }: CaseRow, { stages }: GoldenMeta): string[] {
  if (about === 'every stage') return [];
  const unknown = about.filter((stage) => !stages.includes(stage));
  return unknown.map((stage) => `it is about the stage "${stage}", which its golden does not have`);
}

function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

function found(where: string, error: unknown): GoldenFinding {
  const hint = error instanceof TouchstoneError && error.hint !== undefined ? `; ${error.hint}` : '';
  return { where, problem: `${messageOf(error)}${hint}` };
}
