/**
 * One word for one thing: no file that people write has a word that docs/glossary.md lists in its column "not", nor an
 * outdated one. Names count too: `noisePictures` has "pictures". Prints `file:line: word → what to write`; exit
 * status 1.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writtenFiles } from './written-files.mjs';

const checked = /\.(?:tsx?|mjs|js|py|md|yml)$/;
/** They name the words that are retired. */
const exempt = /^(docs\/glossary\.md|CHANGELOG\.md|tools\/setup\/check-words(\.test)?\.mjs)$/;

const outdated = new Map([
  ['anew', 'again'],
  ['beside', 'next to'],
  ['nobody', 'no one, or say who'],
  ['somebody', 'someone, or say who'],
]);

/**
 * @param {string} glossary in Markdown: rows of word, meaning, and the words that do not mean it, separated by commas
 * @returns {Map<string, string>} retired word → what to write
 */
export function retiredWords(glossary) {
  const retired = new Map(outdated);
  const [, ...rows] = glossary.split('\n').filter((line) => line.startsWith('| '));
  for (const row of rows) {
    const [, word, , not = ''] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
    for (const other of not.split(',').map((each) => each.trim()))
      if (other !== '') retired.set(other, word).set(`${other}s`, word);
  }
  return retired;
}

/**
 * @param {string} text
 * @param {Map<string, string>} retired
 * @returns {{ line: number, word: string, use: string }[]}
 */
export function wordsFound(text, retired) {
  const any = new RegExp(`\\b(${[...retired.keys()].join('|')})\\b`, 'gi');
  return text.split('\n').flatMap((written, index) => {
    const apart = written.replaceAll(/([a-z\d])(?=[A-Z])|_/g, '$1 ');
    return [...apart.matchAll(any)].map(([, word]) => ({
      line: index + 1,
      word: word.toLowerCase(),
      use: retired.get(word.toLowerCase()),
    }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const textOf = (file) => readFileSync(join(root, file), 'utf8');
  const retired = retiredWords(textOf('docs/glossary.md'));
  for (const file of writtenFiles(root, checked).filter((each) => !exempt.test(each)))
    for (const { line, word, use } of wordsFound(textOf(file), retired)) {
      console.error(`${file}:${line}: ${word} → ${use}`);
      process.exitCode = 1;
    }
}
