import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setUpBrowser } from './browser.mjs';
import { SetupError } from './setup.mjs';

const { TOUCHSTONE_CHROMIUM } = process.env;
afterEach(() => {
  if (TOUCHSTONE_CHROMIUM === undefined) delete process.env.TOUCHSTONE_CHROMIUM;
  else process.env.TOUCHSTONE_CHROMIUM = TOUCHSTONE_CHROMIUM;
});

test('an installed browser is used, and nothing is installed', async () => {
  process.env.TOUCHSTONE_CHROMIUM = process.execPath;
  assert.equal(await setUpBrowser(), process.execPath);
});

test('a wrong name is an error, and nothing is installed instead', async () => {
  process.env.TOUCHSTONE_CHROMIUM = '/nowhere/chromium';
  await assert.rejects(
    setUpBrowser,
    (error) =>
      error instanceof SetupError &&
      /TOUCHSTONE_CHROMIUM is "\/nowhere\/chromium", which is not an executable file. Set it to/.test(error.message),
  );
});
