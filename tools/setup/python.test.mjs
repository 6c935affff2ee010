import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setUpPython } from './python.mjs';
import { SetupError } from './setup.mjs';

const { TOUCHSTONE_PYTHON, PATH } = process.env;
const skip = process.platform === 'win32';
let folder = '';
let parent = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-setup-'));
  parent = join(folder, 'parent');
  mkdirSync(parent);
  delete process.env.TOUCHSTONE_PYTHON;
  process.env.PATH = folder;
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  process.env.PATH = PATH;
  if (TOUCHSTONE_PYTHON === undefined) delete process.env.TOUCHSTONE_PYTHON;
  else process.env.TOUCHSTONE_PYTHON = TOUCHSTONE_PYTHON;
});

/** A python3 without libraries: a shell script of cases by its arguments. */
function python3(...cases) {
  const script = `#!/bin/sh\ncase "$*" in\n${['*find_spec*) exit 1;;', ...cases].join('\n')}\n*) exit 1;;\nesac\n`;
  writeFileSync(join(folder, 'python3'), script, { mode: 0o755 });
}
const version = (minor) => `*version_info*) echo "[\\"$0\\", 3, ${minor}]";;`;

test('the Python that is named is used, and one that has everything; nothing is installed', { skip }, async () => {
  writeFileSync(join(folder, 'python3'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  assert.equal(await setUpPython(parent), 'python3');
  process.env.TOUCHSTONE_PYTHON = '/my/python';
  assert.equal(await setUpPython(parent), '/my/python');
  assert.deepEqual(readdirSync(parent), []);
});

for (const [name, install, message] of [
  ['no Python', () => undefined, /^python3 does not start\. TOUCHSTONE_PYTHON names another/],
  ['an old Python', () => python3(version(9)), /they need Python 3\.11, and python3 is 3\.9\. /],
  ['Python without venv', () => python3(version(12)), /has no module venv \(Debian: apt-get install python3-venv\)/],
  ['neither pip nor ensurepip', () => python3(version(12), '*venv*) exit 0;;'), /has neither pip nor ensurepip/],
  [
    'no registry',
    () => python3(version(12), '*venv*) exit 0;;', '*--version*) exit 0;;'),
    /pip could not install tools\/setup\/python-requirements\.txt; the lines above say why/,
  ],
]) {
  test(`${name}: says so, and leaves nothing`, { skip }, async () => {
    install();
    const isSaid = (error) => error instanceof SetupError && message.test(error.message);
    await assert.rejects(setUpPython(parent), isSaid);
    assert.deepEqual(readdirSync(parent), []);
  });
}

test('everything that is installed is pinned', () => {
  const lines = readFileSync(new URL('python-requirements.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  for (const line of lines) assert.match(line, /^[\w-]+==\d+(\.\d+)+$/);
});
