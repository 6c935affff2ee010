/** The page as a person opens it: from disk, in a real Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeWhole } from '@touchstone/system';
import { findChromium } from '@touchstone/browser';
import { evil, evilRun, outcomeOf, runOf } from './testing.js';
import type { PageData } from './page-data.js';
import { renderPage } from './write-page.js';

const executablePath = ((): string | null => {
  try {
    return findChromium();
  } catch {
    return null;
  }
})();

const many = Array.from({ length: 30 }, (_, i) =>
  outcomeOf(
    `method-${i % 7}/net-${i % 3}/case-${i}`,
    i % 10 === 5 ? 'failed' : 'passed',
    i / 30,
    ['cpu', 'wasm'][i % 2],
  ),
);
const drawn = { backend: 'wasm', stage: 'attribution', width: 4, height: 4, gap: 8, plane: 'channel 1', scale: 2 };
const inRun = (run: number) => ({ ...drawn, run, file: `images/runs/${run}.png`, amplified: run === 0 ? 1e15 : null });
const pages = {
  evil: { runs: [evilRun], cases: [{ id: evil, why: evil, question: evil }] },
  many: { runs: [runOf(many)], cases: [{ id: 'method-5/net-2/case-5', why: 'it shows a fault' }] },
  compared: {
    runs: [
      runOf(many, { label: 'one' }),
      runOf(many.slice(1), { label: 'two', footer: null }),
      runOf(many, { label: 'three' }),
    ],
    cases: [{ id: 'method-5/net-2/case-5', why: '', compared: [inRun(0), inRun(1)] }],
  },
} satisfies Record<string, PageData>;

describe.skipIf(executablePath === null)('in Chromium', () => {
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-page-'));
    for (const [name, data] of Object.entries(pages)) writeWhole(join(folder, `${name}.html`), renderPage(data));
    browser = await chromium.launch({ executablePath: executablePath! });
  });
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the page asked for besides itself, and what it said. */
  async function opened(name: keyof typeof pages, hash = '', viewport = { width: 1400, height: 900 }, scheme?: 'dark') {
    const context = await browser.newContext({ viewport, colorScheme: scheme ?? 'light', bypassCSP: false });
    const page = await context.newPage();
    const said: string[] = [];
    page.on('pageerror', ({ message }) => said.push(message));
    page.on('console', (message) => said.push(message.text()));
    page.on('request', (request) => said.push(request.url().split('#')[0]!));
    page.on('dialog', (dialog) => said.push(dialog.message()));
    const address = pathToFileURL(join(folder, `${name}.html`)).href;
    await page.goto(address + hash);
    await page.locator('#app h1').waitFor();
    return { page, said: () => said.filter((text) => text !== address) };
  }

  it('malicious results run no script and load nothing', async () => {
    const { page, said } = await opened('evil');
    for (const link of await page.locator('.list tbody a').all()) {
      await link.click();
      await page.locator('.details').waitFor();
    }
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    expect(await page.evaluate(() => Object.keys(Object.prototype))).toEqual([]);
    expect(said()).toEqual([]);
    await expect(page.locator('.details h2').textContent()).resolves.toContain('__proto__');
    await expect(page.locator('.verdict').textContent()).resolves.toContain('Incomplete');
  });

  it('a script that is put into the page does not run, and nothing is loaded from elsewhere', async () => {
    const { page } = await opened('many');
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.hacked = 1';
      const image = document.createElement('img');
      image.src = 'https://example.org/x.png';
      document.body.append(script, image);
    });
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
  });

  it('the list is reached, searched and opened by keyboard, and a view is a link', async () => {
    const { page } = await opened('many', '#method=method-5');
    await page.keyboard.press('/');
    await page.keyboard.type('differs');
    await expect(page.getByRole('status').textContent()).resolves.toMatch(/^\d of 30 outcomes$/);
    expect(new URL(page.url()).hash).toContain('q=differs');
    await page.locator('.list tbody a').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    const id = await page.evaluate(() => document.activeElement?.textContent);
    await page.keyboard.press('Enter');
    await expect(page.locator('.details h2').textContent()).resolves.toContain(id);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('opened');
    await page.keyboard.press('Escape');
    await page.locator('.details').waitFor({ state: 'detached' });
    await page.waitForFunction((text) => document.activeElement?.textContent === text, id);
  });

  it('a cell of the matrix shows its outcomes, and Back leaves them', async () => {
    const { page } = await opened('many');
    await page.locator('.matrix .cell.failed a').nth(1).click();
    await expect(page.getByRole('status').textContent()).resolves.toMatch(/^\d+ of 30 outcomes$/);
    await page.goBack();
    await page.waitForFunction(() => document.querySelector('[role=status]')?.textContent === '30 outcomes');
  });

  it('the runs of a comparison are next to each other, and missing images are said', async () => {
    const { page } = await opened('compared', opensOne);
    const rows = await page.locator('.of-run').allInnerTexts();
    expect(rows.map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([
      'one, channel 1 ✗ failed golden answer difference difference × 10¹⁵',
      'two, channel 1 ✗ failed golden answer difference',
      'three ✗ failed No images are next to the results of this run.',
    ]);
  });

  const opensOne = '#open=method-5%2Fnet-2%2Fcase-5&on=wasm';
  it.each<[keyof typeof pages, string, number, 'dark' | undefined]>([
    ['many', '', 1400, undefined],
    ['many', opensOne, 1400, 'dark'],
    ['many', opensOne, 390, undefined],
    ['compared', '#status=changed', 390, 'dark'],
    ['compared', opensOne, 390, 'dark'],
    ['evil', '', 390, undefined],
  ])('%s%s is accessible at %d pixels (%s), and scrolls in one direction', async (name, hash, width, scheme) => {
    const { page } = await opened(name, hash, { width, height: 900 }, scheme);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(await violations(page)).toEqual([]);
  });
});

/** By axe-core; evaluated through the debugger, which no policy of the page stops. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html} ${nodes[0]!.failureSummary}`);
}
