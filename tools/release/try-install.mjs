/**
 * `node tools/release/try-install.mjs [--files FOLDER] [--node FILE] [--manager npm|pnpm|yarn]`: installs the packed
 * packages from the registry into a new folder outside the repository, and uses them as docs/api.md says. By hand: it
 * downloads, and takes minutes. Prints what each step took; exit status 1 where one failed.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pack } from './pack.mjs';
import { printedFiles } from './printed-files.mjs';
import { root } from './stage-touchstone.mjs';

const { values } = parseArgs({
  options: {
    files: { type: 'string' },
    node: { type: 'string', default: process.execPath },
    manager: { type: 'string', default: 'npm' },
  },
});
/** What adds packages to a project; `npx` runs pnpm and Yarn where they are not installed. */
const managers = {
  npm: ['npm', 'install', '--save-dev'],
  pnpm: ['npx', '--yes', 'pnpm@10', 'add', '--save-dev'],
  yarn: ['npx', '--yes', '@yarnpkg/cli-dist@4', 'add', '--dev'],
};
const project = mkdtempSync(join(tmpdir(), 'touchstone-try-'));
const env = {
  ...process.env,
  PATH: [dirname(resolve(values.node)), process.env.PATH].join(delimiter),
  NO_COLOR: '1',
  YARN_NODE_LINKER: 'node-modules',
  YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
};
let isFine = true;

/** Runs a step, and prints its time and the end of its output. @param {RegExp} [says] what the output must have */
function step(title, [program, ...args], says = /(?:)/, expected = 0) {
  const start = performance.now();
  const { status, stdout = '', stderr = '' } = spawnSync(program, args, { cwd: project, encoding: 'utf8', env });
  const isRight = status === expected && says.test(stdout + stderr);
  isFine &&= isRight;
  console.log(`${isRight ? '✓' : '✗'} ${title}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  const lines = (isRight ? stdout : stdout + stderr).trimEnd().split('\n');
  for (const line of lines.slice(isRight ? -2 : -30)) console.log(`    ${line}`);
}

function sizeOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

try {
  const names = ['touchstone', 'touchstone-golden'];
  const files =
    values.files === undefined
      ? await pack(join(project, 'packed'), names)
      : readdirSync(values.files)
          .filter((file) => /^touchstone(?:-golden)?-\d.*\.tgz$/.test(file))
          .map((file) => resolve(values.files, file));
  writeFileSync(join(project, 'package.json'), '{ "name": "try", "type": "module", "private": true }');
  writeFileSync(join(project, 'yarn.lock'), '');
  const add = managers[values.manager];
  step('node --version', ['node', '--version']);
  step(`${values.manager} adds the packages`, [...add, ...files]);
  console.log(`  node_modules: ${(sizeOf(join(project, 'node_modules')) / 1e6).toFixed(0)} MB of files`);
  const touchstone = ['npx', 'touchstone'];
  step('touchstone --version', [...touchstone, '--version'], /touchstone \d[^]*goldens \d/);
  step('touchstone golden verify', [...touchstone, 'golden', 'verify'], /match the manifest[^]*not installed/);
  step('touchstone doctor', [...touchstone, 'doctor'], /playwright-core is not installed/);
  const saliency = ['verify', '--method', 'saliency', '--backend', 'cpu'];
  step('touchstone verify', [...touchstone, ...saliency], /46 passed, 0 failed/);
  step('a test project', [...add, 'vitest@4', 'jest@30', '@tensorflow/tfjs@4.22.0']);
  copyFileSync(join(root, 'tools/docs/my-grad-cam.js'), join(project, 'my-grad-cam.js'));
  for (const [name, text] of printedFiles()) writeFileSync(join(project, name), text);
  step('verify()', ['node', 'verify.mjs'], /true \d+\n$/);
  step('attribute(), check(), compare()', ['node', 'explain.mjs'], /right null\ntrue 16\n$/);
  step('node:test', ['node', '--test', 'my-grad-cam-node.test.js']);
  step('vitest', ['npx', 'vitest', 'run', 'my-grad-cam.test.js'], /1 passed/);
  const ofVitest = printedFiles().get('my-grad-cam.test.js');
  writeFileSync(
    join(project, 'jest.test.js'),
    ofVitest.replace(/import \{ expect, test \} from 'vitest';\n/, '').replace("import 'touchstone/vitest';\n", ''),
  );
  writeFileSync(
    join(project, 'jest.config.js'),
    `export default ${JSON.stringify({
      transform: {},
      testMatch: ['**/jest.test.js'],
      setupFilesAfterEnv: ['touchstone/jest'],
      testTimeout: 60_000,
    })};`,
  );
  env.NODE_OPTIONS = '--experimental-vm-modules';
  step('jest', ['npx', 'jest'], /1 passed/);
} finally {
  rmSync(project, { recursive: true, force: true });
}
process.exitCode = isFine ? 0 : 1;
