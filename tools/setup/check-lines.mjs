/**
 * No line over 120 columns in the source files and pages of the repository. Prettier wraps code, but neither comments,
 * strings nor Markdown. Prints `file:line: N columns`; exit status 1.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writtenFiles } from './written-files.mjs';

const maxColumns = 120;

const checked = /\.(?:tsx?|mjs|js|py|md|yml)$/;

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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  for (const file of writtenFiles(root, checked))
    for (const { line, columns } of longLines(file, readFileSync(join(root, file), 'utf8'))) {
      console.error(`${file}:${line}: ${columns} columns`);
      process.exitCode = 1;
    }
}
