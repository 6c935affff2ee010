/**
 * `npm run setup:python`: a Python with NumPy, safetensors and pytest for the tests of tools/python, as a virtual
 * environment in one folder; `npm test` makes it, too. Deleting the folder undoes it. Exit status 4 where the machine
 * is at fault.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, run } from './child.mjs';
import { main, secondsSince, SetupError } from './setup.mjs';
import { hashOf } from './up-to-date.mjs';

const requirements = 'tools/setup/python-requirements.txt';
const recipe = hashOf(['tools/setup/python.mjs', requirements]);
const modules = ['numpy', 'safetensors', 'pytest'];
/** Of NumPy and of tools/python. */
const needed = [3, 11];
const usual = process.platform === 'win32' ? 'python' : 'python3';
const byHand = 'TOUCHSTONE_PYTHON names another Python that has what the tests need.';
const programIn = (place) =>
  join(place, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));

/**
 * The Python that tests use: the one of TOUCHSTONE_PYTHON, else python3 where it has what they need, else the one in
 * the folder, which is made if it is not there.
 * @param {string} parent of the folder
 * @returns {Promise<string>} its path
 */
export async function setUpPython(parent = join(root, '.touchstone')) {
  const named = process.env.TOUCHSTONE_PYTHON;
  if (named) return named;
  if (has(usual, modules)) return usual;
  const folder = join(parent, 'python');
  if (isThere(folder)) return programIn(folder);
  const base = basePython();
  mkdirSync(parent, { recursive: true });
  // Only what is complete gets the name of the folder.
  const place = join(parent, `python.building-${process.pid}`);
  console.log('Setting up Python for the tests (NumPy, safetensors, pytest) …');
  const start = performance.now();
  try {
    await install(base, place);
    writeFileSync(join(place, 'record.json'), `${JSON.stringify({ recipe })}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(place, folder);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  console.log(`  done in ${secondsSince(start)} s; deleting ${folder} undoes it`);
  return programIn(folder);
}

/** Whether the folder is complete, and its Python is still installed. */
function isThere(folder) {
  const record = join(folder, 'record.json');
  if (!existsSync(record)) return false;
  return JSON.parse(readFileSync(record, 'utf8')).recipe === recipe && has(programIn(folder), modules);
}

/** Whether a Python finds them all; it does not import them, which may take seconds. */
function has(python, names) {
  const program = 'import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))';
  return spawnSync(python, ['-c', program, ...names], { stdio: 'ignore' }).status === 0;
}

/** The program itself, because a script on the path may not pass on signals. */
function basePython() {
  const program = 'import json, sys; print(json.dumps([sys.executable, *sys.version_info[:2]]))';
  const { stdout, status } = spawnSync(usual, ['-c', program], { encoding: 'utf8' });
  if (status !== 0) throw new SetupError(`${usual} does not start. ${byHand}`);
  const [python, ...version] = JSON.parse(stdout);
  if (version[0] < needed[0] || (version[0] === needed[0] && version[1] < needed[1]))
    throw new SetupError(`they need Python ${needed.join('.')}, and ${usual} is ${version.join('.')}. ${byHand}`);
  return python;
}

/**
 * pip is the one of the base, which is faster than a copy and is there on Debian without python3-venv; else the copy
 * that Python itself brings.
 */
async function install(base, place) {
  const quiet = { quiet: true };
  if ((await run(base, ['-m', 'venv', '--without-pip', place], quiet)) !== 0)
    throw new SetupError(`${base} has no module venv (Debian: apt-get install python3-venv). ${byHand}`);
  const python = programIn(place);
  const options = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--retries=1', '--timeout=20'];
  const pip = (program, ...args) =>
    run(program, ['-m', 'pip', ...args, 'install', '-q', ...options, '-r', requirements], quiet);
  const hasOwn = spawnSync(base, ['-m', 'pip', '--python', python, '--version'], { stdio: 'ignore' }).status === 0;
  if (!hasOwn && spawnSync(python, ['-m', 'ensurepip'], { stdio: 'ignore' }).status !== 0)
    throw new SetupError(`${base} has neither pip nor ensurepip (Debian: apt-get install python3-pip). ${byHand}`);
  const status = hasOwn ? await pip(base, '--python', python) : await pip(python);
  if (status !== 0) throw new SetupError(`pip could not install ${requirements}; the lines above say why. ${byHand}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    console.log(await setUpPython());
    return 0;
  });
}
