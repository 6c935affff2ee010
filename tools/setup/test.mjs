/**
 * `npm test [-- --full]`: sets up, then runs every check. Ends with one line, `N passed, N failed[, N skipped]`: every
 * test of every package and in Python counts, and every other check counts as one. Exit status 1 where anything failed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setUpBrowser } from './browser.mjs';
import { root, run } from './child.mjs';
import { coveringCases, operationsIn } from './covering-cases.mjs';
import { setUpPython } from './python.mjs';
import { SetupError, secondsSince, setUp } from './setup.mjs';
import { lineOf, pytestTallyOf, tallyOf } from './tally.mjs';
import { setUpTensorflow } from './tensorflow.mjs';
import { packageFolders } from './up-to-date.mjs';

/** On these every quick case must pass: one runs in single precision, the other is the most exact. */
const required = ['wasm', 'float64'];
/** On these one case for each method on each network. */
const covered = ['cpu', 'tensorflow'];
/**
 * What takes long: every quick case on `covered` and on webgl too, where a software renderer needs four times as long
 * for all of them as the other backends together; the tests read TOUCHSTONE_FULL.
 */
const isFull = process.argv.includes('--full') || Boolean(process.env.TOUCHSTONE_FULL);
if (isFull) process.env.TOUCHSTONE_FULL = '1';

const node = (...args) => run(process.execPath, args);

const sources = packageFolders().map((folder) => join(root, folder, 'src'));

function verify(backends, report, cases = [], options = {}) {
  const only = ['--profile', 'quick', '--backend', ...backends, '--require', ...backends, ...cases];
  const args = ['packages/cli/bin/touchstone.mjs', 'verify', ...only, '--report', `test-results/${report}`];
  return run(process.execPath, args, options);
}

/** By name, because `node --test tools/setup` would run this file as a test. */
const ownTests = ['tools/setup', 'tools/docs', 'tools/laws', 'tools/attack', 'tools/ci', 'tools/release'].flatMap(
  (folder) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.test.mjs'))
      .map((file) => `${folder}/${file}`),
);

/**
 * Name → function that runs the check and returns its exit status. The tests of the packages are counted one by one;
 * see `testPackages`.
 */
const checks = {
  lint: () => node('node_modules/oxlint/bin/oxlint', '-c', '.oxlintrc.json', '--deny-warnings', ...sources),
  format: () => node('node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
  'unused files, exports and dependencies': () =>
    node('node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'),
  'direction of imports': () => node('tools/setup/check-imports.mjs'),
  'lines of at most 120 columns': () => node('tools/setup/check-lines.mjs'),
  'one word for one thing': () => node('tools/setup/check-words.mjs'),
  'tracked files of at most 60 MiB': () => node('tools/setup/check-size.mjs'),
  'documents that are named exist': () => node('tools/setup/check-references.mjs'),
  'a README and no configuration of its own in each package': () => node('tools/setup/check-packages.mjs'),
  'tests of tools/setup': () => node('--test', '--test-reporter=dot', ...ownTests),
  'golden files': () => node('packages/cli/bin/touchstone.mjs', 'golden', 'verify'),
};

/** One after the other next to the other checks: a software renderer spends most of its time in one thread. */
const background = {
  [`${isFull ? 'quick cases' : 'one case for each method and each operation'} on webgl`]: () =>
    verify(['webgl'], 'verify-webgl', selection({ operationsOf }), { quiet: true }),
  [`${isFull ? 'quick cases' : 'one case for each method on each network'} on ${covered.join(', ')}`]: () =>
    verify(covered, 'verify-covered', selection({ pairs: true }), { quiet: true }),
};

/** Options of verify that choose cases: none where all are wanted. */
function selection(options) {
  if (isFull) return [];
  const { cases } = JSON.parse(readFileSync(join(root, 'packages/harness/src/run/case-seconds.json'), 'utf8'));
  return ['--case', ...coveringCases(readCases(), cases, options)];
}

/** A software renderer compiles shaders for every layer of a network, so that each kind is run once. */
function operationsOf(network) {
  return operationsIn(JSON.parse(readFileSync(join(root, 'golden', 'networks', network, 'network.json'), 'utf8')));
}

function readCases() {
  const lines = readFileSync(join(root, 'golden', 'cases.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line));
}

const total = { passed: 0, failed: 0, skipped: 0, notes: [] };

function count(name, status) {
  if (status === 0) total.passed++;
  else total.failed++;
  if (status !== 0) total.notes.push(`${name}: exit status ${status}`);
}

async function testPackages() {
  const report = join(root, 'test-results', 'tests.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const status = await node('node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.config.js', ...reporters);
  const found = tallyOf(
    report,
    packageFolders().map((folder) => join(root, folder)),
  );
  total.passed += found.passed;
  total.failed += found.failed;
  total.skipped += found.skipped;
  total.notes.push(...found.notes);
  if (status !== 0 && found.failed === 0) count('tests of the packages', status);
  return status;
}

/** What tools/golden/requirements.txt installs, as it is imported. */
const ofGolden = 'torch, torchvision, skimage, sklearn, captum, pytorch_grad_cam, zennit, safetensors, pytest';

/** Tests in Python; where its libraries are missing, they are skipped. */
async function testPython(python, folder, libraries) {
  const name = `tests of tools/${folder}`;
  const environment = { PYTHONPATH: join(root, 'tools', folder), OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const probe = spawnSync(python, ['-c', `import ${libraries}`], { stdio: 'ignore' });
  if (probe.status !== 0) {
    total.skipped++;
    total.notes.push(`${name} skipped: ${python} lacks one of ${libraries} (TOUCHSTONE_PYTHON names another)`);
    return 0;
  }
  const report = join(root, 'test-results', `python-${folder}.xml`);
  const tests = [
    '-m',
    'pytest',
    '-q',
    '-rs',
    '-p',
    'no:cacheprovider',
    `--junitxml=${report}`,
    `tools/${folder}/tests`,
  ];
  const status = await run(python, tests, { environment });
  const found = pytestTallyOf(report);
  total.passed += found.passed;
  total.failed += found.failed;
  total.skipped += found.skipped;
  if (found.skipped > 0) total.notes.push(`${name}: ${found.skipped} skipped, for the reasons above`);
  if (status !== 0 && found.failed === 0) count(name, status);
  return status;
}

/** What it gives; null: it cannot be set up here, and the tests that need it are skipped. */
async function provide(name, setUpIt) {
  try {
    return await setUpIt();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    total.skipped++;
    total.notes.push(`tests on ${name} skipped: ${error.message}`);
    return null;
  }
}

/** Runs checks one after the other. */
async function countAll(checks) {
  for (const [name, check] of Object.entries(checks)) count(name, await timed(name, check));
}

/** Runs a check, and prints its name and duration. */
async function timed(name, check) {
  console.log(`\n── ${name}`);
  const start = performance.now();
  const status = await check();
  console.log(`${status === 0 ? '✓' : '✗'} ${name}: ${secondsSince(start)} s`);
  return status;
}

rmSync(join(root, 'test-results'), { recursive: true, force: true });
try {
  await setUp();
  await provide('TensorFlow', setUpTensorflow);
  await provide('a browser', setUpBrowser);
  const python = await provide('Python with NumPy', setUpPython);
  count('set-up and build', 0);
  await Promise.all([background, checks].map(countAll));
  await countAll({ [`quick cases on ${required.join(', ')}`]: () => verify(required, 'verify') });
  await timed('tests of the packages', testPackages);
  if (python !== null) {
    await timed('tests of tools/python', () => testPython(python, 'python', 'numpy, safetensors, pytest'));
    await timed('tests of tools/golden', () => testPython(python, 'golden', ofGolden));
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  count('set-up and build', 4);
}

if (total.notes.length > 0) console.log(`\n${total.notes.join('\n')}`);
console.log(`\n${lineOf(total)}`);
process.exitCode = total.failed > 0 ? 1 : 0;
