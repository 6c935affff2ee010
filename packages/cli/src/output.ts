/** JSON for another program, on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** For people: on stderr, separate from the result. On GitHub, `##[` would begin a command, wherever it is. */
export function note(line: string): void {
  process.stderr.write(`${line.replaceAll('##[', '## [')}\n`);
}
