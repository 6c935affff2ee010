import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { readLines } from './lines.js';

it.each<[what: string, chunks: string[], lines: string[]]>([
  ['lines in one piece', ['a\nb\n'], ['a', 'b']],
  ['a line in several pieces', ['a', 'b', 'c\nd'], ['abc', 'd ✂']],
  ['empty lines', ['\n', '\na\n'], ['', '', 'a']],
  ['a line that is as long as it may be', ['12345678\n9\n'], ['12345678', '9']],
  ['a line that is too long', ['12345', '6789', '0\nnext\n'], ['12345678 …', 'next']],
  ['a long line without an end', ['123456789', '0'.repeat(100)], ['12345678 …']],
  ['nothing', [], []],
])('%s', async (_, chunks, lines) => {
  const [stream, found] = [new PassThrough(), [] as string[]];
  readLines(stream, 8, (line, end) =>
    found.push(`${line.toString()}${{ newline: '', limit: ' …', stream: ' ✂' }[end]}`),
  );
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  expect(found).toEqual(lines);
});
