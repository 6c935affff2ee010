/**
 * `npm run setup:tensorflow [-- --cpu | --gpu]`: TensorFlow for the backends `tensorflow` and `cuda`, in one folder.
 * The binding of @tensorflow/tfjs-node-gpu is compiled against the TensorFlow wheel from PyPI. It is built in a
 * temporary folder, checked there and renamed; deleting the folder undoes it. Exit status 4 where the machine is at
 * fault, 64 for wrong usage.
 */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './child.mjs';
import { main, secondsSince, SetupError, setUp } from './setup.mjs';
import { build, checkTools, recipe } from './tensorflow-build.mjs';
import { packages, room, wheels } from './tensorflow-parts.mjs';

const parent = join(root, '.touchstone');
const folder = join(parent, 'tensorflow');
/** The name of an unfinished build is this and the id of its process. */
const unfinished = 'tensorflow.building-';
const interruptedMessage = 'Setting up TensorFlow was interrupted; its files were removed.';
const inMegabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/**
 * Does nothing if it is there already. Needs the set-up of `setup.mjs`: the check uses the built packages.
 * @param {'cpu' | 'gpu' | null} asked null: the installed kind, else cpu
 */
export async function setUpTensorflow(asked = null) {
  const there = readRecord();
  const kind = asked ?? there?.kind ?? 'cpu';
  if (there?.kind === kind && there.recipe === recipe) return;
  checkPlatform();
  const tools = checkTools();
  mkdirSync(parent, { recursive: true });
  removeAbandoned();
  checkRoom(kind);
  const place = join(parent, unfinished + process.pid);
  let interrupted = false;
  const interrupt = () => (interrupted = true);
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const step = async (title, act) => {
    console.log(`${title} …`);
    const start = performance.now();
    await act();
    if (interrupted) throw new SetupError(interruptedMessage);
    console.log(`  done in ${secondsSince(start)} s`);
  };
  try {
    mkdirSync(place);
    await build(place, kind, tools, step);
    const parts = [...packages, ...wheels[kind]];
    writeFileSync(join(place, 'record.json'), `${JSON.stringify({ kind, recipe, parts }, null, 2)}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(place, folder);
    console.log(`TensorFlow is set up in ${folder}; deleting that folder undoes it. Downloaded:`);
    for (const { name, version, bytes } of parts)
      console.log(`  ${inMegabytes(bytes).padStart(8)}  ${name} ${version}`);
  } catch (error) {
    throw interrupted ? new SetupError(interruptedMessage) : error;
  } finally {
    rmSync(place, { recursive: true, force: true });
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** The installed build, if it is complete. @returns {{ kind: 'cpu' | 'gpu', recipe: string } | null} */
function readRecord() {
  const file = join(folder, 'record.json');
  if (!existsSync(file) || !existsSync(join(folder, 'tfjs_binding.node'))) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function checkPlatform() {
  const { platform, arch, report } = process;
  const isGlibc = platform === 'linux' && report.getReport().header.glibcVersionRuntime !== undefined;
  if (isGlibc && arch === 'x64') return;
  const here = `${platform} on ${arch}${platform === 'linux' && !isGlibc ? ' without glibc' : ''}`;
  throw new SetupError(
    `TensorFlow can be set up on Linux with glibc on x64 only; this is ${here}. ` +
      'Where @tensorflow/tfjs-node offers a library of its own, install it, and the backend uses it: ' +
      'npm install --no-save --ignore-scripts=false @tensorflow/tfjs-node@4.22.0',
  );
}

/** Checked before downloading, because a full disk fails late and with an unclear error. */
function checkRoom(kind) {
  const { bavail, bsize } = statfsSync(parent);
  if (bavail * bsize < room[kind]) {
    throw new SetupError(
      `Setting up TensorFlow takes ${inMegabytes(room[kind])}; ${parent} has ${inMegabytes(bavail * bsize)} left. ` +
        'Make room and try again.',
    );
  }
}

/** Removes builds whose process was killed. */
function removeAbandoned() {
  for (const entry of readdirSync(parent).filter((name) => name.startsWith(unfinished))) {
    if (!isRunning(Number(entry.slice(unfinished.length))))
      rmSync(join(parent, entry), { recursive: true, force: true });
  }
}

function isRunning(id) {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function kindAsked(options) {
  const kinds = { '--cpu': 'cpu', '--gpu': 'gpu' };
  if (options.length > 1 || options.some((option) => !(option in kinds))) return undefined;
  return kinds[options[0]] ?? null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    const kind = kindAsked(process.argv.slice(2));
    if (kind === undefined) {
      console.error('usage: npm run setup:tensorflow [-- --cpu | --gpu]');
      return 64;
    }
    await setUp();
    await setUpTensorflow(kind);
    return 0;
  });
}
