/** JSON for another program, on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function print(...lines: readonly string[]): void {
  process.stdout.write(`${withoutCommands(lines.join('\n'))}\n`);
}

/** For people: on stderr, separate from the result. */
export function note(line: string): void {
  process.stderr.write(`${withoutCommands(line)}\n`);
}

/** Foreign text may be among it: in the log of GitHub, `##[` begins a command wherever it is. */
function withoutCommands(text: string): string {
  return text.replaceAll('##[', '## [');
}
