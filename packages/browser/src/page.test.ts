/** Real pages in a real Chromium, with a bundle of a few lines. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { TouchstoneError } from '@touchstone/contract';
import { findChromium } from './chromium.js';
import { openPage } from './open-page.js';
import type { Page } from './page.js';

/** Obeys commands, and returns any other question. */
const program = `
  import { fetchFile, serve } from ${JSON.stringify(fileURLToPath(new URL('./in-page.ts', import.meta.url)))};
  serve(async (question) => {
    if (question === 'never') await new Promise(() => undefined);
    if (question === 'throw') throw new Error('thrown in the page');
    if (question === 'fill the memory') for (const kept = []; ; ) kept.push(new Array(1e6).fill(0).map(() => ({})));
    if (question === 'read') {
      const whole = await fetchFile('the folder', 'there');
      const missing = fetchFile('the folder', 'not there').catch((error) => ({ ...error, message: error.message }));
      return { whole, missing: await missing };
    }
    return question;
  });`;

const hasChromium = ((): string | null => {
  try {
    return findChromium();
  } catch {
    return null;
  }
})();

let folder: string;
let bundle: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-test-'));
  const [input, file] = [join(folder, 'program.js'), join(folder, 'bundle.js')];
  writeFileSync(input, program);
  await (
    await rolldown({
      input,
      platform: 'browser',
      resolve: { modules: [fileURLToPath(new URL('../../../node_modules', import.meta.url))] },
    })
  ).write({ file, format: 'esm', codeSplitting: false });
  bundle = file;
  writeFileSync(join(folder, 'there'), Uint8Array.of(0, 255, 128, 13, 10));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

function files(where: string, name: string): string {
  if (where === 'the folder' && name === 'there') return join(folder, name);
  throw new TouchstoneError('bad-network', `${name} is not for you`, 'ask for another');
}

const open = async (): Promise<Page> => (await openPage({ bundle, files }, 'ready', () => null)).page;

describe.skipIf(hasChromium === null)('a page (needs a Chromium)', () => {
  let page: Page;
  beforeAll(async () => {
    page = await open();
  });
  afterAll(() => page.close());

  it('a page that does not answer in time is closed', async () => {
    await expect(openPage({ bundle, files }, 'never', () => null, 500)).rejects.toMatchObject({
      code: 'backend-unavailable',
      message: expect.stringContaining('the page gave no answer within 0.5 s'),
    });
  });

  it('exchanges values bit for bit', async () => {
    const bits = Uint32Array.of(0x7fc00001, 0x80000000, 0xff800000, 0x00000001, 0x7f7fffff);
    const value = {
      floats: new Float32Array(bits.buffer),
      doubles: Float64Array.of(NaN, -0, Infinity, 5e-324, 0.1),
      bytes: Uint8Array.of(0, 255),
      empty: new Float32Array(),
      numbers: [1.5, -Infinity, 2 ** 53, NaN],
      text: 'ä\u0000“',
      nested: { list: [null, true, undefined, { a: [] }] },
    };
    const answer = (await page.ask(value)) as typeof value;
    expect(answer).toEqual(value);
    expect(new Uint32Array(answer.floats.slice().buffer)).toEqual(bits);
    expect(Object.is(answer.doubles[1], -0)).toBe(true);
  });

  it('carries tens of megabytes', async () => {
    const large = Float32Array.from({ length: 5_000_000 }, (_, i) => Math.fround(Math.sin(i)));
    expect(
      Buffer.compare(Buffer.from(((await page.ask(large)) as Float32Array).slice().buffer), Buffer.from(large.buffer)),
    ).toBe(0);
  });

  it('reads the files that it may read, and gets the error for others', async () => {
    expect(await page.ask('read')).toEqual({
      whole: Uint8Array.of(0, 255, 128, 13, 10),
      missing: {
        name: 'TouchstoneError',
        code: 'bad-network',
        message: 'not there is not for you',
        hint: 'ask for another',
      },
    });
  });

  it('that throws rejects the question, and answers the next one', async () => {
    await expect(page.ask('throw')).rejects.toThrow('thrown in the page');
    expect(await page.ask(1)).toBe(1);
  });

  it('that runs out of memory is gone, with the reason', async () => {
    vi.stubEnv('TOUCHSTONE_CHROMIUM_FLAGS', '--js-flags=--max-old-space-size=64');
    const small = await open();
    try {
      await expect(small.ask('fill the memory')).rejects.toThrow(/the page crashed: it may have run out of memory/);
      await expect(small.ask('anything')).rejects.toThrow(/crashed/);
    } finally {
      await small.close();
    }
  });

  it('whose server cannot open its port is an error with a hint', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      await expect(openPage({ bundle, files, port }, 'ready', () => null)).rejects.toMatchObject({
        code: 'backend-unavailable',
        message: expect.stringMatching(
          new RegExp(`port ${port} is taken by another program. End the other program`),
        ) as string,
      });
    } finally {
      other.close();
    }
  });

  it('that is not available in one way of drawing is tried in the next; the error has all reasons', async () => {
    await expect(openPage({ bundle, files }, 'ready', () => 'no adapter')).rejects.toMatchObject({
      code: 'backend-unavailable',
      message: 'no adapter',
    });
  });

  it('in a browser that does not start is unavailable', async () => {
    vi.stubEnv('TOUCHSTONE_CHROMIUM', process.execPath);
    await expect(open()).rejects.toMatchObject({
      code: 'backend-unavailable',
      message: expect.stringMatching(/failed to start/) as string,
    });
  });
});
