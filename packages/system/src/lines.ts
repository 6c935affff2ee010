import type { Readable } from 'node:stream';

/** How a line ended: as lines do, at the limit, or with the stream. */
export type LineEnd = 'newline' | 'limit' | 'stream';

/** Calls `onLine` for every line of a stream, without its "\n"; of a long one for the first `limit` bytes. */
export function readLines(stream: Readable, limit: number, onLine: (line: Buffer, end: LineEnd) => void): void {
  let parts: Buffer[] = [];
  let size = 0;
  let isCut = false;
  const take = (piece: Buffer): void => {
    if (isCut || piece.length === 0) return;
    isCut = size + piece.length > limit;
    parts.push(isCut ? piece.subarray(0, limit - size) : piece);
    size += parts.at(-1)!.length;
    if (isCut) onLine(Buffer.concat(parts), 'limit');
    if (isCut) parts = [];
  };
  const finish = (end: LineEnd): void => {
    if (!isCut) onLine(Buffer.concat(parts), end);
    parts = [];
    size = 0;
    isCut = false;
  };
  stream.on('data', (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      take(chunk.subarray(start, end));
      finish('newline');
      start = end + 1;
    }
    take(chunk.subarray(start));
  });
  stream.on('end', () => {
    if (size > 0) finish('stream');
  });
}
