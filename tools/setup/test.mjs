/**
 * `npm test`: set up, then every check there is. Ends with one line, `N passed, N failed[, N skipped]`: every test of every package,
 * and each other check as one. Exit status 1 where anything failed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setUpBrowser } from './browser.mjs';
import { nx, root, run } from './child.mjs';
import { SetupError, setUp } from './setup.mjs';
import { lineOf, tallyOf } from './tally.mjs';
import { setUpTensorflow } from './tensorflow.mjs';
import { packageFolders } from './up-to-date.mjs';

/** Backends on which every quick case must pass, and which must be there. */
const required = ['cpu', 'wasm', 'float64', 'webgl', 'tensorflow'];

const node = (...args) => run(process.execPath, args);
const noCache = process.env.CI ? ['--skipNxCache'] : [];
const everywhere = (target) => nx('run-many', '-t', target, '--nxBail=false', ...noCache);

/** By name: `node --test tools/setup` would take this very file for a test. */
const ownTests = readdirSync(join(root, 'tools', 'setup'))
  .filter((file) => file.endsWith('.test.mjs'))
  .map((file) => `tools/setup/${file}`);

/** Name → what gives its exit status. The tests are counted one by one instead; see `testPackages`. */
const checks = {
  build: () => everywhere('build'),
  lint: () => everywhere('lint'),
  format: () => node('node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
  'unused files, exports and dependencies': () =>
    node('node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'),
  'direction of imports': () => node('tools/setup/check-imports.mjs'),
  'tests of tools/setup': () => node('--test', '--test-reporter=dot', ...ownTests),
  'golden files': () => node('packages/cli/bin/touchstone.mjs', 'golden', 'verify'),
  'quick cases on the required backends': () =>
    node(
      'packages/cli/bin/touchstone.mjs',
      'verify',
      '--profile',
      'quick',
      '--backend',
      ...required,
      '--require',
      ...required,
      '--report',
      'test-results/verify',
    ),
};

const total = { passed: 0, failed: 0, skipped: 0, notes: [] };

function count(name, status) {
  if (status === 0) total.passed++;
  else total.failed++;
  if (status !== 0) total.notes.push(`${name}: exit status ${status}`);
}

async function testPackages() {
  const status = await everywhere('test');
  const found = tallyOf(
    packageFolders().map((folder) => {
      const { name } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      return { name, report: join(root, 'test-results', `${name.split('/')[1]}.json`) };
    }),
  );
  total.passed += found.passed;
  total.failed += found.failed;
  total.skipped += found.skipped;
  total.notes.push(...found.notes);
  if (status !== 0 && found.failed === 0) count('tests of the packages', status);
}

/** The golden maker's own tests need PyTorch, which only those who make goldens have. */
async function testGoldenMaker() {
  const python = process.env.TOUCHSTONE_PYTHON ?? 'python3';
  const environment = { PYTHONPATH: join(root, 'tools', 'golden'), OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const probe = spawnSync(python, ['-c', 'import torch, pytest'], { stdio: 'ignore' });
  if (probe.status !== 0) {
    total.skipped++;
    total.notes.push(
      `tests of tools/golden skipped: ${python} has no torch and pytest (TOUCHSTONE_PYTHON names another)`,
    );
    return;
  }
  count(
    'tests of tools/golden',
    await run(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'tools/golden/tests'], environment),
  );
}

/** Where it cannot be had the tests that need it are skipped. */
async function provide(name, setUpIt) {
  try {
    await setUpIt();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    total.skipped++;
    total.notes.push(`tests on ${name} skipped: ${error.message}`);
  }
}

function heading(title) {
  console.log(`\n── ${title}`);
}

rmSync(join(root, 'test-results'), { recursive: true, force: true });
try {
  await setUp();
  await provide('TensorFlow', setUpTensorflow);
  await provide('a browser', setUpBrowser);
  for (const [name, check] of Object.entries(checks)) {
    heading(name);
    count(name, await check());
  }
  heading('tests of the packages');
  await testPackages();
  heading('tests of tools/golden');
  await testGoldenMaker();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  count('set-up', 4);
}

if (total.notes.length > 0) console.log(`\n${total.notes.join('\n')}`);
console.log(`\n${lineOf(total)}`);
process.exitCode = total.failed > 0 ? 1 : 0;
