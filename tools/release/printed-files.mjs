import { join } from 'node:path';
import { blocksIn } from '../docs/blocks.mjs';
import { root } from './stage-touchstone.mjs';

/** The programs that docs/api.md prints: name, from the comment in the first line → text. */
export function printedFiles() {
  const programs = blocksIn(join(root, 'docs', 'api.md')).map(({ text }) => /^\/\/ (\S+)\n([^]*)$/.exec(text));
  return new Map(programs.filter((found) => found !== null).map(([, name, text]) => [name, text]));
}
