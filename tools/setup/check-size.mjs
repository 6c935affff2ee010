/** The tracked files are small enough to be cloned and copied quickly. Prints the largest folders; exit status 1. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const maxBytes = 60 * 2 ** 20;
const maxFolders = 8;

/** @param {ReadonlyMap<string, number>} files path → bytes @returns {string[]} what is wrong, a line each */
export function sizeProblems(files, max = maxBytes) {
  const total = [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (total <= max) return [];
  const folders = new Map();
  for (const [path, bytes] of files) {
    const folder = path.split('/').slice(0, -1).slice(0, 3).join('/');
    folders.set(folder, (folders.get(folder) ?? 0) + bytes);
  }
  const largest = [...folders].toSorted((a, b) => b[1] - a[1]).slice(0, maxFolders);
  return [
    `the tracked files have ${mebibytes(total)} MiB, at most ${mebibytes(max)} are allowed; the largest folders:`,
    ...largest.map(([folder, bytes]) => `  ${mebibytes(bytes)} MiB ${folder}`),
    'Set "sampled" in the cases of a large network, and seeded weights where only its topology matters.',
  ];
}

const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(1);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const paths = listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  const problems = sizeProblems(new Map(paths.map((path) => [path, lstatSync(join(root, path)).size])));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
