/**
 * Checks what each package has at its top: `package.json` and `tsconfig.json` and no other configuration, and in
 * `packages/` a README of at most 15 lines that says what lives there. Prints each problem on a line; exit status 1.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolders } from './up-to-date.mjs';

const maxReadmeLines = 15;
const expected = ['README.md', 'package.json', 'tsconfig.json'];

/** @param {string} root of the repository @param {readonly string[]} folders of packages, below it */
export function packageProblems(root, folders) {
  return folders.flatMap((folder) => {
    const files = readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.tsbuildinfo'))
      .map(({ name }) => name);
    const missing = expected.filter((name) => !files.includes(name)).map((name) => `${folder}/${name} is missing`);
    const extra = files
      .filter((name) => !expected.includes(name))
      .map((name) => `${folder}/${name}: configuration belongs to the root of the repository`);
    return [...missing, ...extra, ...readmeProblems(root, folder)];
  });
}

/** The README of `benchmarks` and of `examples` is a page of documentation. */
function readmeProblems(root, folder) {
  const file = join(root, folder, 'README.md');
  if (!folder.startsWith('packages/') || !existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').length;
  return lines > maxReadmeLines
    ? [`${folder}/README.md has ${lines} lines; at most ${maxReadmeLines} are allowed`]
    : [];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const problems = packageProblems(root, packageFolders());
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
