import { readFileSync } from 'node:fs';

const block = /^```(?<language>\w+)(?: (?<name>[\w./-]+))?\n(?<text>[^]*?)^```$/gm;

/**
 * The blocks of code of a page, in order.
 * @returns {{ language: string, name: string | undefined, text: string }[]} `name`: the word after the language
 */
export function blocksIn(page) {
  return [...readFileSync(page, 'utf8').matchAll(block)].map(({ groups }) => groups);
}
