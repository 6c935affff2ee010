import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SetupError } from './setup.mjs';
import { checkTools } from './tensorflow-build.mjs';
import { packages, wheels } from './tensorflow-parts.mjs';

const { TOUCHSTONE_PYTHON, CXX } = process.env;
const python = TOUCHSTONE_PYTHON ?? 'python3';
const hasPython = spawnSync(python, ['--version']).status === 0;
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-setup-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  for (const [name, value] of Object.entries({ TOUCHSTONE_PYTHON, CXX })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

test('a missing program is named, with a hint', { skip: !hasPython }, () => {
  process.env.TOUCHSTONE_PYTHON = 'no-such-python';
  assert.throws(
    checkTools,
    (error) =>
      error instanceof SetupError && /no-such-python does not start.*apt-get install python3/.test(error.message),
  );
  process.env.TOUCHSTONE_PYTHON = python;
  process.env.CXX = 'no-such-compiler';
  assert.throws(
    checkTools,
    (error) =>
      error instanceof SetupError && /none of no-such-compiler starts.*apt-get install g\+\+/.test(error.message),
  );
});

/** A wheel, which is a zip, with these files; the content of each is its name. */
function makeWheel(...names) {
  const wheel = join(folder, 'some.whl');
  const script =
    "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as archive:\n" +
    '  for name in sys.argv[2:]: archive.writestr(name, name)';
  assert.equal(spawnSync(python, ['-c', script, wheel, ...names]).status, 0);
  return wheel;
}
const unpack = (wheel, ...patterns) =>
  spawnSync(
    python,
    [fileURLToPath(new URL('unpack-wheel.py', import.meta.url)), wheel, join(folder, 'out'), ...patterns],
    { encoding: 'utf8' },
  );

test('only matching files are taken out of a wheel', { skip: !hasPython }, () => {
  const wheel = makeWheel(
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/python/other.so',
    'tensorflow/include/tensorflow/c/eager/c_api.h',
    'tensorflow/include/eigen.h',
  );
  assert.equal(unpack(wheel, 'tensorflow/libtensorflow*.so.2', 'tensorflow/include/tensorflow/c/*.h').status, 0);
  const taken = readdirSync(join(folder, 'out'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  assert.deepEqual(taken.map(({ name }) => name).sort(), ['c_api.h', 'libtensorflow_cc.so.2']);
  assert.equal(
    readFileSync(join(folder, 'out', 'tensorflow', 'libtensorflow_cc.so.2'), 'utf8'),
    'tensorflow/libtensorflow_cc.so.2',
  );
});

test('a wheel writes nothing outside the folder', { skip: !hasPython }, () => {
  const { status, stderr } = unpack(makeWheel('tensorflow/../../evil.so'), '*');
  assert.equal(status, 1);
  assert.match(stderr, /leads out of the folder/);
  assert.equal(existsSync(join(folder, 'evil.so')), false);
});

test('everything that is downloaded is pinned to its bytes', () => {
  for (const { sha512 } of packages) assert.equal(Buffer.from(sha512, 'base64').length, 64);
  for (const { sha256 } of [...wheels.cpu, ...wheels.gpu]) assert.match(sha256, /^[0-9a-f]{64}$/);
});
