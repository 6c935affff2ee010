/**
 * `npm run pack [-- --out FOLDER] [-- --only NAME]`: writes touchstone-VERSION.tgz and the two packages with goldens to
 * dist-packages/, as `npm pack` makes them.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { stageGolden } from './stage-golden.mjs';
import { root, stageTouchstone } from './stage-touchstone.mjs';

/** Name → what fills its folder. */
const packages = {
  touchstone: stageTouchstone,
  'touchstone-golden': (folder) => stageGolden('touchstone-golden', folder),
  'touchstone-golden-full': (folder) => stageGolden('touchstone-golden-full', folder),
};

/**
 * @param {string} out @param {readonly string[]} names
 * @returns {Promise<string[]>} the files, one for each name
 */
export async function pack(out, names = Object.keys(packages)) {
  mkdirSync(out, { recursive: true });
  const files = [];
  for (const name of names) {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-pack-'));
    try {
      await packages[name](folder);
      files.push(join(out, npmPack(folder, out)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return files;
}

/** The name of the file. */
function npmPack(folder, out) {
  const args = ['pack', folder, '--pack-destination', out, '--json', '--ignore-scripts'];
  const npm = process.env.npm_execpath;
  const [program, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const { status, stdout, stderr } = spawnSync(program, [...first, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
  // npm 11 gives a list, npm 12 an object with a field for each package.
  const [{ filename }] = Object.values(JSON.parse(stdout));
  return filename;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: join(root, 'dist-packages') },
      only: { type: 'string', multiple: true },
    },
  });
  const unknown = values.only?.find((name) => !Object.hasOwn(packages, name));
  if (unknown !== undefined) {
    console.error(`--only ${unknown}: the packages are ${Object.keys(packages).join(', ')}`);
    process.exitCode = 64;
  } else
    for (const file of await pack(values.out, values.only))
      console.log(`${file}  ${(statSync(file).size / 1e6).toFixed(1)} MB`);
}
