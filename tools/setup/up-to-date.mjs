import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './child.mjs';

/** The workspace's packages as folders below the root. */
export function packageFolders() {
  const inPackages = readdirSync(join(root, 'packages'), { withFileTypes: true });
  const folders = [
    ...inPackages.filter((entry) => entry.isDirectory()).map(({ name }) => `packages/${name}`),
    'benchmarks',
    'examples',
  ];
  return folders.filter((folder) => existsSync(join(root, folder, 'package.json'))).sort();
}

/** Every file that the build depends on, tests included, and the packages. */
export function sources() {
  const packages = packageFolders();
  const files = ['package-lock.json', 'tsconfig.base.json', 'tools/setup/bundle.mjs'];
  for (const folder of packages) {
    files.push(`${folder}/package.json`, `${folder}/tsconfig.json`);
    const inside = readdirSync(join(root, folder, 'src'), { recursive: true, withFileTypes: true });
    for (const entry of inside) {
      if (entry.isFile() && /\.m?tsx?$/.test(entry.name))
        files.push(join(entry.parentPath, entry.name).slice(root.length));
    }
  }
  return { packages, files };
}

/** One hash over names and contents. @param {readonly string[]} files below the root */
export function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.byteLength}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Whether node_modules matches the lock file, by npm's own record: `npm ci` may have been run by hand. */
export function lockedVersionsInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, link, optional }]) =>
      !path.includes('node_modules/') || link || (optional && !present[path]) || present[path]?.version === version,
  );
}
