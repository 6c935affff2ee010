import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './stage-touchstone.mjs';

/** The programs that docs/api.md prints: name, from the comment in the first line → text. */
export function printedFiles() {
  const page = readFileSync(join(root, 'docs', 'api.md'), 'utf8');
  const blocks = [...page.matchAll(/^```js\n\/\/ (\S+)\n([^]*?)^```$/gm)];
  return new Map(blocks.map(([, name, text]) => [name, text]));
}
