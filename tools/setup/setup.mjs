/**
 * `npm run setup`: installs the dependencies of the lock file, and builds; does nothing that is up to date. Plain
 * Node.js without dependencies, because it runs before they are installed. Exit status 4 where the machine is at fault.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nx, root, run } from './child.mjs';
import { hashOf, lockedVersionsInstalled, sources } from './up-to-date.mjs';

/** In node_modules, so that it is removed with them. */
const stampFile = join(root, 'node_modules', '.touchstone-setup');
const infrastructure = 4;

export class SetupError extends Error {}

/** Brings dependencies and build up to date, and prints what it does; silent when there is nothing to do. */
export async function setUp() {
  checkNode();
  const stamp = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {};
  const dependencies = hashOf(['package-lock.json']);
  if (stamp.dependencies !== dependencies && !lockedVersionsInstalled()) {
    await step(
      'Installing dependencies from the lock file (npm ci)',
      install,
      'See the lines above; check that the npm registry is reachable.',
    );
  }
  const { files, packages } = sources();
  const build = hashOf(files);
  const built = packages.every((folder) => existsSync(join(root, folder, 'dist', 'index.js')));
  if (stamp.build !== build || !built) {
    await step(
      `Building ${packages.length} packages`,
      () => nx(['run-many', '-t', 'build'], { quiet: true }),
      'See the lines above for what does not compile.',
    );
  }
  if (stamp.dependencies !== dependencies || stamp.build !== build)
    writeFileSync(stampFile, JSON.stringify({ dependencies, build }));
}

/** `engines` of package.json, checked first, because older versions fail without a clear reason. */
function checkNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const needed = engines.node.replace('>=', '');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = needed.split('.').map(Number);
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    throw new SetupError(
      `Touchstone requires Node.js ${needed} or newer; this is ${process.versions.node}. ` +
        'Install a newer one and try again.',
    );
  }
}

/** Runs npm's own program, whose path npm passes in the environment. */
function install() {
  const npm = process.env.npm_execpath;
  return npm?.endsWith('.js') ? run(process.execPath, [npm, 'ci']) : run('npm', ['ci']);
}

async function step(title, act, remedy) {
  console.log(`${title} …`);
  const start = performance.now();
  const status = await act();
  if (status > 128) throw new SetupError(`${title} was interrupted. Run the command again to resume.`);
  if (status !== 0) throw new SetupError(`${title} failed. ${remedy}`);
  console.log(`  done in ${secondsSince(start)} s`);
}

/** @param {number} start of `performance.now()` */
export function secondsSince(start) {
  return ((performance.now() - start) / 1000).toFixed(1);
}

/**
 * Runs the main function of a program in this folder: its result is the exit status, and a failed set-up prints one
 * line.
 */
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
