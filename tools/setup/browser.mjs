/**
 * `npm run setup:browser`: a Chromium for the backends `webgl` and `webgpu`. Uses an installed one, else installs
 * Debian's with apt-get if run as root. Exit status 4 where that is not possible.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from './child.mjs';
import { main, secondsSince, SetupError, setUp } from './setup.mjs';

const byHand = 'Install Chromium or Chrome, or set TOUCHSTONE_CHROMIUM to its executable.';

/** One try each, without questions, because no one may be there to answer. */
const aptOptions = [
  '-y',
  '-q',
  '-o',
  'Acquire::Retries=1',
  '-o',
  'Acquire::http::Timeout=20',
  '-o',
  'Acquire::https::Timeout=20',
];

/**
 * Does nothing if there is a browser. Needs the set-up of `setup.mjs`: the built package finds the browser.
 * @returns {Promise<string>} its path
 */
export async function setUpBrowser() {
  const there = await found();
  if (there !== null) return there;
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get'))
    throw new SetupError(`No browser was found, and there is no apt-get to install one. ${byHand}`);
  if (process.getuid() !== 0)
    throw new SetupError(
      `No browser was found, and only root may install one: sudo apt-get install chromium. ${byHand}`,
    );
  console.log('Installing Chromium (apt-get install chromium) …');
  const start = performance.now();
  const apt = (...args) =>
    run('apt-get', [...aptOptions, ...args], { environment: { DEBIAN_FRONTEND: 'noninteractive' } });
  // The loader of Vulkan's drivers is for Dawn, where the browser offers no WebGPU.
  const install = () => apt('install', '--no-install-recommends', 'chromium', 'libvulkan1');
  // The list of packages may be old or missing, as in most containers.
  if ((await install()) !== 0 && ((await apt('update')) !== 0 || (await install()) !== 0)) {
    throw new SetupError(`apt-get could not install Chromium; the lines above say why. ${byHand}`);
  }
  console.log(`  done in ${secondsSince(start)} s`);
  const installed = await found();
  if (installed === null)
    throw new SetupError(`apt-get has installed a package that has no browser (Ubuntu's is a snap). ${byHand}`);
  return installed;
}

/** @returns {Promise<string | null>} */
async function found() {
  const { findChromium } = await import('@touchstone/browser');
  try {
    return findChromium();
  } catch (error) {
    if (process.env.TOUCHSTONE_CHROMIUM) throw new SetupError(`${error.message}; ${error.hint}.`);
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await setUp();
    const path = await setUpBrowser();
    const { stdout } = spawnSync(path, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    });
    console.log(`${stdout?.trim() || 'A browser of unknown version'}: ${path}`);
    return 0;
  });
}
