/**
 * `npm run pack`: writes touchstone-VERSION.tgz and the two packages with goldens to dist-packages/, as `npm pack`
 * makes them.
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
export async function pack(out, names = Object.keys(packages), onStart = (_name) => undefined) {
  mkdirSync(out, { recursive: true });
  const files = [];
  for (const name of names) {
    onStart(name);
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

const usage = `npm run pack [-- --out FOLDER] [-- --only NAME]
  --out FOLDER   where the packages are written; default dist-packages
  --only NAME    ${Object.keys(packages).join(', ')}; may be given more than once`;

/** @returns the exit status */
async function main(args) {
  const refuse = (why) => {
    console.error(`${why}\n${usage}`);
    return 64;
  };
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        out: { type: 'string', default: join(root, 'dist-packages') },
        only: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    return refuse(error.message);
  }
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const unknown = values.only?.find((name) => !Object.hasOwn(packages, name));
  if (unknown !== undefined) return refuse(`--only ${unknown}: no such package`);
  const files = await pack(values.out, values.only, (name) => console.error(`packing ${name}`));
  for (const file of files) console.log(`${file}  ${(statSync(file).size / 1e6).toFixed(1)} MB`);
  console.error(`\nIn your project: npm install --save-dev ${files.slice(0, 2).join(' ')}`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
