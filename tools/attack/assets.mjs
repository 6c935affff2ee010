/** What attacks give to the command besides what is hostile. */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../setup/child.mjs';

export const golden = join(root, 'golden');
export const network = join(golden, 'networks/tiny-vgg');
export const input = join(golden, 'inputs/cat-32.safetensors');
export const oneCase = 'saliency/tiny-vgg/cat-32';

export const attributeSaliency = ['attribute', 'saliency', '--target', '3', '--out', 'out.safetensors'];
export const isRoot = process.getuid?.() === 0;

/** @param {string} path @param {string | Uint8Array} content */
export function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** A copy of the network in `<work>/network`. */
export function copyNetwork(work) {
  cpSync(network, join(work, 'network'), { recursive: true });
}

/** A golden folder, of which the large folders are links. */
export function copyGolden(work) {
  const names = ['manifest.json', 'cases.jsonl', 'expectations.jsonc', 'probes.json', 'stock-tfjs.json'];
  for (const name of names) cpSync(join(golden, name), join(work, 'golden', name));
  for (const name of ['data', 'fixtures', 'inputs', 'networks', 'traces'])
    symlinkSync(join(golden, name), join(work, 'golden', name));
}
