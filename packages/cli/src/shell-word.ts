/** A path or a command as a POSIX shell reads it as one word. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
