/** What is printed may have foreign text, so nothing of it controls a terminal, or the runner of GitHub. */

/** JSON for another program, on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(printedJson(`${JSON.stringify(value, null, 2)}\n`));
}

/** The same JSON, in which escapes replace what a terminal or a log would act on. */
export function printedJson(json: string): string {
  const escaped = (found: string): string =>
    Array.from({ length: found.length }, (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
  return json.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped).replaceAll('##[', '#\\u0023[');
}

export function print(...lines: readonly string[]): void {
  process.stdout.write(`${printed(lines.join('\n'))}\n`);
}

/** Commands to the runner of GitHub, as `renderAnnotations` makes them. */
export function printCommands(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line.replaceAll('##[', '## [')}\n`);
}

/** For people: on stderr, separate from the result. */
export function note(line: string): void {
  process.stderr.write(`${printed(line)}\n`);
}

const colour = String.raw`\u001b\[[\d;]*m`;
const controls = new RegExp(String.raw`(${colour})|(?![\t\n])\p{C}`, 'gu');
const commands = new RegExp(String.raw`^([^\S\n]*(?:${colour})*)::`, 'gm');

/**
 * Text without control characters, apart from our colours. In the log of GitHub a line that begins with `::` is a
 * command to the runner, and so is `##[` wherever it is.
 */
export function printed(text: string): string {
  return text.replace(controls, '$1').replaceAll('##[', '## [').replace(commands, '$1· ::');
}
