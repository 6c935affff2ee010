// Node's util.stripVTControlCharacters does not serve: this package runs in a page too, and that function keeps OSC
// sequences without an end, lone control characters and the format characters that reorder text.

/**
 * Escape sequences that a terminal obeys (ECMA-48), introduced by ESC or by a C1 character: CSI, the strings OSC, DCS,
 * SOS, PM and APC up to their end, and the short ones.
 */
const escapes = new RegExp(
  [
    String.raw`(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]`,
    String.raw`(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?`,
    String.raw`\u001b[ -/]*[0-~]`,
  ].join('|'),
  'g',
);

/** Foreign text without escape sequences, control and format characters (bidi, zero width); line ends and tabs stay. */
export function withoutControls(text: string): string {
  return text.replace(escapes, '').replace(/(?![\t\n\r])\p{C}/gu, '');
}

/**
 * Foreign text, fit for a terminal and a report: one line without control characters, of at most `length` characters.
 */
export function plainText(text: string, length = 500): string {
  const bounded = text.slice(0, 8 * length + 1000).replace(escapes, '');
  const plain = withoutControls(bounded.replace(/\s+/g, ' ')).trim();
  return plain.length <= length ? plain : `${plain.slice(0, length - 1)}…`;
}

export function messageOf(error: unknown): string {
  return plainText(error instanceof Error ? error.message : String(error));
}
