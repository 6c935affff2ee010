import { TouchstoneError } from '@touchstone/contract';

/** What a shell would act on; here it would reach the program as text. */
const forShell = /[|&;<>()$`*?[\]~#]/;

/**
 * The words of a command line, divided at spaces and quoted as in sh. There is no shell: what only a shell can do is an
 * error.
 *
 * @throws TouchstoneError `usage`
 */
export function wordsOf(line: string): string[] {
  const fail = (what: string): never => {
    throw new TouchstoneError(
      'usage',
      `--port cmd:${line}: ${what}`,
      "Quote it, or let a shell run the command: cmd:sh -c '…'.",
    );
  };
  const words: string[] = [];
  // Spaces, or a part of a word: '…', "…", a character after a backslash, and plain characters.
  const parts =
    /(?<spaces>\s+)|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\.)*)"|\\(?<escaped>.)|(?<plain>[^\s'"\\]+)/gsy;
  let word: string | null = null;
  let end = 0;
  for (const { 0: all, groups: { spaces, single, double, escaped, plain } = {} } of line.matchAll(parts)) {
    end += all.length;
    if (spaces !== undefined) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    const acted = forShell.exec(plain ?? '') ?? /[$`]/.exec(double?.replace(/\\./gs, '') ?? '');
    if (acted) fail(`"${acted[0]}" has a meaning in a shell, and there is none`);
    word = (word ?? '') + (single ?? double?.replace(/\\([$`"\\])/g, '$1') ?? escaped ?? plain ?? '');
  }
  if (end < line.length) fail('a quotation has no end');
  if (word !== null) words.push(word);
  if (words.length === 0) fail('there is no command');
  if (/^\w+=/.test(words[0]!))
    throw new TouchstoneError(
      'usage',
      `--port cmd:${line}: "${words[0]}" sets a variable, which only a shell does`,
      `Begin with env: cmd:env ${line.trimStart()}`,
    );
  return words;
}
