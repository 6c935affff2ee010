import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/linear-golden.js';
import { runPortCheck } from './check-port.js';

it('a port that counts its runs wrong is told so, though no check of it fails', async () => {
  const file = join(temporaryFolder(), 'port.mjs');
  writeFileSync(
    file,
    `import { createInterface } from 'node:readline';
    const port = { name: 'miscounts', version: '1', language: 'js' };
    for await (const line of createInterface({ input: process.stdin })) {
      const { cmd, nonce, seq } = JSON.parse(line);
      const replies = {
        hello: { protocol: 1, port, methods: ['saliency'] },
        run: { seq, status: 'unsupported', reason: 'any' },
        stop: { bye: true, ran: 0 },
      };
      console.log(JSON.stringify({ nonce, ...replies[cmd] }));
    }`,
  );
  const { signal } = new AbortController();
  const port = `cmd:'${process.execPath}' '${file}'`;
  await expect(runPortCheck({ port, deadlineMs: 60_000, signal, onPrinted: () => undefined })).rejects.toMatchObject({
    code: 'port-error',
    message: expect.stringMatching(/it says that it has answered 0 runs; it was asked for \d+/) as string,
  });
});
