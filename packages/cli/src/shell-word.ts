/** Characters that no shell acts on. A backslash divides folders on Windows; elsewhere a shell would take it away. */
const plain = process.platform === 'win32' ? /^[\w./:@%+=,\\-]+$/ : /^[\w./:@%+=,-]+$/;

/** A path or a command as a POSIX shell reads it as one word. */
export function shellWord(text: string): string {
  return plain.test(text) ? text : quoted(text);
}

/** The same inside of `--port cmd:…`, which is divided as by a POSIX shell on Windows too. */
export function commandWord(text: string): string {
  return text.includes('\\') ? quoted(text) : shellWord(text);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
