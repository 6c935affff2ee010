/** Downloads, unpacks and compiles TensorFlow's binding into a folder; see tensorflow.mjs. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './child.mjs';
import { SetupError } from './setup.mjs';
import { kept, packages, wheels } from './tensorflow-parts.mjs';
import { hashOf } from './up-to-date.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const isThere = (program, ...args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Changes with the content of the build, and how it is made. */
export const recipe = hashOf([
  'tools/setup/tensorflow-build.mjs',
  'tools/setup/tensorflow-parts.mjs',
  'tools/setup/unpack-wheel.py',
]);

/** The programs that a build needs. @throws SetupError with the first that is missing */
export function checkTools() {
  const named = process.env.TOUCHSTONE_PYTHON ?? 'python3';
  // The program itself, because a script on the path may not pass on signals.
  const python = spawnSync(named, ['-c', 'import sys, zipfile; print(sys.executable)'], {
    encoding: 'utf8',
  }).stdout?.trim();
  if (!python) {
    throw new SetupError(
      `Setting up TensorFlow needs Python 3, and ${named} does not start. ` +
        'Install it (Debian: apt-get install python3 python3-pip), or name another in TOUCHSTONE_PYTHON.',
    );
  }
  if (!isThere(python, '-m', 'pip', '--version')) {
    throw new SetupError(
      `Setting up TensorFlow needs pip, and ${named} has none. ` +
        'Install it (Debian: apt-get install python3-pip), or name another Python in TOUCHSTONE_PYTHON.',
    );
  }
  const candidates = process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++'];
  const compiler = candidates.find((name) => isThere(name, '--version'));
  if (compiler === undefined) {
    throw new SetupError(
      `Setting up TensorFlow needs a C++ compiler, and none of ${candidates.join(', ')} starts. ` +
        'Install one (Debian: apt-get install g++), or name another in CXX.',
    );
  }
  if (!isThere('tar', '--version'))
    throw new SetupError('Setting up TensorFlow needs tar, which does not start. Install it.');
  return { python, compiler };
}

/**
 * Fills the empty folder `place`: `node_modules/`, `tensorflow/`, for a GPU `nvidia/`, and `tfjs_binding.node`.
 * @param {string} place @param {'cpu' | 'gpu'} kind @param {{ python: string, compiler: string }} tools
 * @param {(title: string, act: () => Promise<void>) => Promise<void>} step reports what is done
 */
export async function build(place, kind, { python, compiler }, step) {
  const modules = join(place, 'node_modules');
  const scratch = join(place, 'scratch');
  mkdirSync(scratch);
  await step(`Downloading ${packages.map(({ name }) => name).join(', ')}`, () => getPackages(modules, scratch));
  const size = wheels[kind].reduce((sum, { bytes }) => sum + bytes, 0);
  await step(`Downloading ${wheels[kind].map(({ name }) => name).join(', ')} (${(size / 1e6).toFixed(0)} MB)`, () =>
    getWheels(wheels[kind], scratch, python),
  );
  await step('Unpacking', () => unpackWheels(scratch, place, python));
  await step(`Compiling the binding (${compiler})`, () => compile(place, modules, compiler));
  rmSync(scratch, { recursive: true });
  rmSync(join(place, 'tensorflow', 'include'), { recursive: true });
  rmSync(join(modules, 'node-api-headers'), { recursive: true });
  const check = (backend) => run(process.execPath, [join(here, 'tensorflow-check.mjs'), place, backend]);
  await step('Checking it: a sum and a convolution', async () => {
    await must(check('tensorflow'), 'TensorFlow was built but does not work here; the lines above say why.');
    // A build for a GPU also works without one, and a GPU may be added later.
    if (kind === 'gpu') await check('cuda');
  });
}

async function getPackages(modules, scratch) {
  for (const { name, version, sha512 } of packages) {
    const packed = npm('pack', `${name}@${version}`, '--loglevel=error', '--pack-destination', scratch);
    if (packed.status !== 0)
      throw new SetupError(
        `npm cannot download ${name} ${version}: ${packed.stderr.trim()}. Is the registry within reach?`,
      );
    const archive = join(scratch, packed.stdout.trim().split('\n').at(-1));
    const found = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (found !== sha512)
      throw new SetupError(
        `${name} ${version} is not what it was: its SHA-512 is ${found}, not ${sha512}. Does a mirror change it?`,
      );
    const folder = join(modules, name);
    mkdirSync(folder, { recursive: true });
    const unpacked = spawnSync('tar', ['-xzf', archive, '-C', folder, '--strip-components=1'], { encoding: 'utf8' });
    if (unpacked.status !== 0) throw new SetupError(`tar cannot unpack ${archive}: ${unpacked.stderr.trim()}`);
  }
  // The kernels require the union package but only use its core, and there must be only one core.
  const union = join(modules, '@tensorflow', 'tfjs');
  mkdirSync(union);
  writeFileSync(join(union, 'index.js'), "module.exports = require('@tensorflow/tfjs-core');\n");
}

function npm(...args) {
  const program = process.env.npm_execpath;
  return program?.endsWith('.js')
    ? spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
    : spawnSync('npm', args, { encoding: 'utf8' });
}

/** pip checks the hashes, does not download dependencies, and caches nothing. */
async function getWheels(parts, scratch, python) {
  const list = join(scratch, 'wheels.txt');
  writeFileSync(
    list,
    parts.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`).join(''),
  );
  const platforms = ['manylinux_2_17_x86_64', 'manylinux2014_x86_64', 'manylinux1_x86_64'].flatMap((name) => [
    '--platform',
    name,
  ]);
  const target = ['--python-version', '3.11', '--implementation', 'cp', ...platforms, '--only-binary', ':all:'];
  await must(
    run(python, [
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--no-cache-dir',
      '--disable-pip-version-check',
      '--require-hashes',
      ...target,
      '--dest',
      join(scratch, 'wheels'),
      '--requirement',
      list,
    ]),
    'pip could not download TensorFlow. See the lines above; check that PyPI, or the mirror of pip, is reachable.',
  );
}

async function unpackWheels(scratch, place, python) {
  const wheels = join(scratch, 'wheels');
  for (const wheel of readdirSync(wheels)) {
    await must(
      run(python, [join(here, 'unpack-wheel.py'), join(wheels, wheel), place, ...kept]),
      `${wheel} could not be unpacked; the lines above say why.`,
    );
    rmSync(join(wheels, wheel));
  }
}

/** The addon finds TensorFlow's libraries next to itself, and these find CUDA's. */
async function compile(place, modules, compiler) {
  const sources = join(modules, '@tensorflow', 'tfjs-node-gpu', 'binding');
  const library = join(place, 'tensorflow');
  const output = join(place, 'scratch', 'tfjs_binding.node');
  const includes = [join(modules, 'node-api-headers', 'include'), join(library, 'include')].map(
    (folder) => `-I${folder}`,
  );
  const libraries = [
    `-L${library}`,
    '-l:libtensorflow_cc.so.2',
    '-l:libtensorflow_framework.so.2',
    '-Wl,-rpath,$ORIGIN/tensorflow',
  ];
  const files = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(sources, file));
  await must(
    run(compiler, [
      '-std=c++17',
      '-O2',
      '-shared',
      '-fPIC',
      '-DNAPI_VERSION=8',
      ...includes,
      ...files,
      ...libraries,
      '-o',
      output,
    ]),
    'The binding does not compile; the lines above say why.',
  );
  renameSync(output, join(place, 'tfjs_binding.node'));
}

async function must(running, otherwise) {
  const status = await running;
  if (status !== 0) throw new SetupError(otherwise);
}
