/**
 * `npm run setup`: dependencies as in the lock file, and a build; what is up to date is not done again.
 * Plain Node without dependencies, since it runs before there are any. Exit status 4 where the machine is at fault.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nx, root, run } from './child.mjs';
import { hashOf, lockedVersionsInstalled, sources } from './up-to-date.mjs';

/** Lies in node_modules, so that it goes when they go. */
const stampFile = join(root, 'node_modules', '.touchstone-setup');
const infrastructure = 4;

export class SetupError extends Error {}

/** Brings dependencies and build up to date, saying what it does; silent when there is nothing to do. */
export async function setUp() {
  checkNode();
  const stamp = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {};
  const dependencies = hashOf(['package-lock.json']);
  if (stamp.dependencies !== dependencies && !lockedVersionsInstalled()) {
    await step(
      'Installing dependencies from the lock file (npm ci)',
      install,
      'npm could not install them; the lines above say why. Is the registry within reach?',
    );
  }
  const { files, packages } = sources();
  const build = hashOf(files);
  const built = packages.every((folder) => existsSync(join(root, folder, 'dist', 'index.js')));
  if (stamp.build !== build || !built) {
    await step(
      `Building ${packages.length} packages`,
      () => nx('run-many', '-t', 'build'),
      'the sources do not compile; the lines above say where.',
    );
  }
  if (stamp.dependencies !== dependencies || stamp.build !== build)
    writeFileSync(stampFile, JSON.stringify({ dependencies, build }));
}

/** `engines` of package.json, checked before anything fails in a way that does not say so. */
function checkNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const needed = engines.node.replace('>=', '');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = needed.split('.').map(Number);
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    throw new SetupError(
      `Touchstone needs Node.js ${needed} or newer, this is ${process.versions.node}. Install a newer one and try again.`,
    );
  }
}

/** Under `npm start`, npm says where its own program is. */
function install() {
  const npm = process.env.npm_execpath;
  return npm?.endsWith('.js') ? run(process.execPath, [npm, 'ci']) : run('npm', ['ci']);
}

async function step(title, act, remedy) {
  console.log(`${title} …`);
  const start = performance.now();
  const status = await act();
  if (status > 128) throw new SetupError(`${title} was interrupted; the next start takes it up again.`);
  if (status !== 0) throw new SetupError(`${title} failed: ${remedy}`);
  console.log(`  done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** Runs a whole program of this folder: its result is the exit status, and a set-up that fails is told in one line. */
export async function main(program) {
  try {
    process.exitCode = await program();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = infrastructure;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await setUp();
    return 0;
  });
}
