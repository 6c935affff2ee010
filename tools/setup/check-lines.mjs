/**
 * No line over 120 columns in the source files and pages of the repository. Prettier wraps code, but neither comments,
 * strings nor Markdown. Prints `file:line: N columns`; exit status 1.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const maxColumns = 120;

const checked = /\.(?:ts|mjs|js|py|md|yml)$/;
/** Data, and what programs write. */
const notChecked = [/^golden\//, /^benchmarks\/networks\//, /^docs\/schemas\//];

/** `{ line, columns }` of every line of `text` that is too long; `file` says by its name what may be. */
export function longLines(file, text) {
  const isMarkdown = file.endsWith('.md');
  const found = [];
  let inFence = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (isMarkdown && /^\s*```/.test(line)) inFence = !inFence;
    const columns = [...line].length;
    if (columns <= maxColumns || /https?:\/\//.test(line)) continue;
    // A table row and a line of a code block cannot be wrapped.
    if (isMarkdown && (inFence || /^\s*\|/.test(line) || /^ {4}/.test(line))) continue;
    found.push({ line: index + 1, columns });
  }
  return found;
}

/** Every too long line of the tracked files in the repository at `root`: `{ file, line, columns }`. */
export function longLinesIn(root) {
  const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return tracked
    .split('\0')
    .filter((file) => checked.test(file) && !notChecked.some((pattern) => pattern.test(file)))
    .flatMap((file) => longLines(file, textOf(join(root, file))).map((found) => ({ file, ...found })));
}

/** Empty for a file that was deleted, but is still in git's index. */
function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = longLinesIn(fileURLToPath(new URL('../..', import.meta.url)));
  for (const { file, line, columns } of found) console.error(`${file}:${line}: ${columns} columns`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
