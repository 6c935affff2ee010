const escapeSequence = /\p{Cc}\[[0-9;?]*[ -/]*[@-~]/gu;

/**
 * Somebody else's text, made fit for a terminal and a report: no control characters, one line, at most `length`
 * characters.
 */
export function plainText(text: string, length = 500): string {
  const plain = text
    .replace(escapeSequence, '')
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim();
  return plain.length <= length ? plain : `${plain.slice(0, length - 1)}…`;
}

export function messageOf(error: unknown): string {
  return plainText(error instanceof Error ? error.message : String(error));
}
