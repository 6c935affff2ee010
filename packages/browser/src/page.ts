import type { Browser } from 'playwright-core';
import { loadOptional, TouchstoneError } from '@touchstone/contract';
import { findChromium } from './chromium.js';
import { decode, encode } from './codec.js';
import { PageServer, type ServerOptions } from './page-server.js';

export interface PageOptions extends ServerOptions {
  /** How Chromium draws; see `waysToDraw`. */
  readonly flags: readonly string[];
}

/** Turns off what Chromium does for people. */
const quiet = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const startMs = 45_000;

/** A page in a separate Chromium, which answers one question at a time. */
export class Page {
  /** Resolves with the reason when the page can no longer answer. */
  readonly gone: Promise<string>;
  readonly #browser: Browser;
  readonly #server: PageServer;
  readonly #run: (path: string) => Promise<void>;

  private constructor(
    browser: Browser,
    server: PageServer,
    run: (path: string) => Promise<void>,
    gone: Promise<string>,
  ) {
    this.#browser = browser;
    this.#server = server;
    this.#run = run;
    this.gone = gone;
  }

  /** @throws TouchstoneError `backend-unavailable` where there is no Chromium, or it does not start */
  static async open({ flags, ...options }: PageOptions): Promise<Page> {
    const executablePath = findChromium();
    const server = await PageServer.start(options);
    let browser: Browser | undefined;
    try {
      browser = await launch(executablePath, flags);
      const page = await (await browser.newContext()).newPage();
      const started = browser;
      const gone = new Promise<string>((resolve) => {
        page.once('crash', () => resolve('the page crashed: it may have run out of memory'));
        started.once('disconnected', () => resolve('Chromium ended'));
      });
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto(server.url + query(), { timeout: startMs });
      if (errors.length > 0) throw new TouchstoneError('backend-unavailable', `the page failed to start: ${errors[0]}`);
      const run = (path: string): Promise<void> =>
        page.evaluate(
          (at) =>
            (globalThis as unknown as { touchstoneExchange: (path: string) => Promise<void> }).touchstoneExchange(at),
          path,
        );
      return new Page(browser, server, run, gone);
    } catch (error) {
      await browser?.close();
      server.close();
      throw error;
    }
  }

  /** The answer of the page's `serve`. Rejects when it throws, and when the page is gone. */
  async ask(question: unknown): Promise<unknown> {
    const path = this.#server.offer(encode(question));
    try {
      await Promise.race([this.#run(path), this.gone.then((why) => Promise.reject(new Error(why)))]);
      const answer = this.#server.take(path);
      if (answer === undefined) throw new Error('the page gave no answer');
      return decode(answer);
    } finally {
      this.#server.take(path);
    }
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }
}

/**
 * TF.js reads its flags from a page's address: those of TOUCHSTONE_TFJS_FLAGS, such as `WEBGL_FORCE_F16_TEXTURES:true`.
 */
function query(): string {
  const flags = process.env['TOUCHSTONE_TFJS_FLAGS'];
  return flags ? `?tfjsflags=${encodeURIComponent(flags)}` : '';
}

async function launch(executablePath: string, flags: readonly string[]): Promise<Browser> {
  // Loaded on demand: most processes have no page.
  const load = () => import('playwright-core');
  const { chromium } = await loadOptional('playwright-core', load, 'backend-unavailable');
  try {
    return await chromium.launch({
      executablePath,
      args: [...quiet, ...flags],
      timeout: startMs,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new TouchstoneError(
      'backend-unavailable',
      `${executablePath} failed to start: ${reason}`,
      'Set TOUCHSTONE_CHROMIUM to another Chromium or Chrome.',
    );
  }
}
