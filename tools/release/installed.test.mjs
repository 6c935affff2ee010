/**
 * The packages work outside the repository, as they are packed: the command, and the blocks of docs/api.md as they are
 * printed. Dependencies are links to the repository's, in place of what npm installs; `try-install.mjs` installs them.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { stageGolden } from './stage-golden.mjs';
import { root, stageTouchstone } from './stage-touchstone.mjs';
import { printedFiles } from './printed-files.mjs';

/** What the project has of its own. */
const ofProject = ['vitest', 'typescript', '@tensorflow/tfjs', '@types/node'];

let project;
before(async () => {
  project = mkdtempSync(join(tmpdir(), 'touchstone-installed-'));
  const modules = join(project, 'node_modules');
  const { dependencies, optionalDependencies } = await stageTouchstone(join(modules, 'touchstone'));
  stageGolden('touchstone-golden', join(modules, 'touchstone-golden'));
  for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...ofProject]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  copyFileSync(join(root, 'tools/docs/my-grad-cam.js'), join(project, 'my-grad-cam.js'));
  for (const [name, text] of printedFiles()) writeFileSync(join(project, name), text);
});
after(() => rmSync(project, { recursive: true, force: true }));

function run(program, ...args) {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, NODE_TEST_CONTEXT: undefined };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: project,
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr, text: stdout + stderr };
}
const touchstone = (...args) => run('node_modules/touchstone/packages/cli/bin/touchstone.mjs', ...args);

test('the command verifies with the installed goldens, whose hash is that of the clone', () => {
  const only = '--case saliency/tiny-vgg/cat-32 --backend cpu --json -'.split(' ');
  const { status, stdout, text } = touchstone('verify', ...only);
  assert.equal(status, 0, text);
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'golden/manifest.json')))
    .digest('hex');
  const [header, outcome] = stdout.split('\n').map((line) => line && JSON.parse(line));
  assert.deepEqual([header.golden, outcome.status], [hash, 'passed']);
});

for (const [what, args, says] of [
  ['a package that few need', ['laws', '--runs', '1'], /missing-package: fast-check is not installed[^]*npm install/],
  ['a case of the other package', ['verify', '--profile', 'full', '--method', 'saliency'], /touchstone-golden-full/],
  ['a clone', ['golden', 'regen'], /unsupported: touchstone golden regen works in a clone/],
])
  test(`${what} that is missing is named`, () => {
    const { status, text } = touchstone(...args);
    assert.notEqual(status, 0);
    assert.match(text, says);
  });

test('the programs of docs/api.md print what they should', () => {
  const verify = run('verify.mjs');
  assert.match(verify.stdout, /saliency\/tiny-vgg\/cat-32 passed[^]*true \d+\n$/, verify.text);
  const explain = run('explain.mjs');
  assert.match(explain.stdout, /^\[ 1, 1, 32, 32 \] \{ class: 5 \}\nright null\ntrue 16\n$/, explain.text);
  copyFileSync(join(root, 'golden/inputs/images/cat.png'), join(project, 'cat.png'));
  const figure = run('figure.mjs');
  assert.equal(existsSync(join(project, 'figure.png')), true, figure.text);
  for (const name of ['cat.png', 'figure.png']) rmSync(join(project, name));
});

test('the test of node:test passes', () => {
  const { status, text } = run('--test', 'my-grad-cam-node.test.js');
  assert.equal(status, 0, text);
});

test("Vitest's matcher passes for the right map, and fails for another with the reason", () => {
  const right = readFileSync(join(project, 'my-grad-cam.test.js'), 'utf8');
  writeFileSync(join(project, 'wrong.test.js'), right.replace('expect(map)', 'expect(map.transpose([0, 2, 1, 3]))'));
  const { status, text } = run(
    'node_modules/vitest/vitest.mjs',
    'run',
    '--root',
    project,
    '--no-isolate',
    '--maxWorkers=1',
  );
  assert.equal(status, 1, text);
  assert.match(text, /✗ grad-cam\/tiny-vgg\/cat-32 on your map: differs from the golden/);
  assert.match(text, /likely cause: rows and columns exchanged\n +remedy: /);
  assert.match(text, /1 failed \| 1 passed/);
});

test('the types fit a strict program', () => {
  const options = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    module: 'nodenext',
    target: 'es2022',
    types: ['node'],
    allowJs: true,
    checkJs: true,
  };
  const files = ['typed.test.ts', 'verify.mjs', 'explain.mjs'];
  writeFileSync(join(project, 'typed.test.ts'), readFileSync(new URL('typed-program.txt', import.meta.url)));
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
  const { status, text } = run('node_modules/typescript/bin/tsc', '-p', project);
  assert.equal(status, 0, text);
});

test('nothing was written into the project', () => {
  const own = ['package.json', 'node_modules', 'my-grad-cam.js', 'wrong.test.js', 'typed.test.ts', 'tsconfig.json'];
  const known = new Set([...own, ...printedFiles().keys()]);
  assert.deepEqual(
    readdirSync(project).filter((name) => !known.has(name)),
    [],
  );
});
