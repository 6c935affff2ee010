/**
 * `node tools/docs/try-tutorials.mjs [PAGE…] [--packed FOLDER]`: tries the tutorials as they are written, each in an
 * empty folder outside of the repository. `npx touchstone` is this clone's, and Python that of TOUCHSTONE_PYTHON; with
 * --packed, the packages of `npm run pack` in FOLDER are installed by npm, and by pip into an environment of the page's
 * own that sees the PyTorch of TOUCHSTONE_PYTHON: nothing else of this machine is changed.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runPage } from './run-page.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tutorials = join(root, 'docs/tutorials');
const python = process.env.TOUCHSTONE_PYTHON || 'python3';
/** Of a page about Python, what it needs. */
const needs = 'torch, safetensors';

export function pages() {
  return readdirSync(tutorials)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(tutorials, name));
}

/** Why a page cannot be tried here; false: it can. */
export function isSkipped(page) {
  if (!basename(page, '.md').endsWith('-in-python')) return false;
  return spawnSync(python, ['-c', `import ${needs}`]).status !== 0 && `${python} lacks one of ${needs}`;
}

/** @param packed a folder with packages; undefined: this clone @throws what a page does not keep */
export function tryPage(page, { packed, onCommand } = {}) {
  const scratch = mkdtempSync(join(tmpdir(), 'touchstone-tutorial-'));
  try {
    const programs = join(scratch, 'programs');
    const folder = join(scratch, 'project');
    mkdirSync(programs);
    mkdirSync(folder);
    for (const [name, text] of Object.entries(packed === undefined ? ofClone : ofPackages(resolve(packed), scratch))) {
      writeFileSync(join(programs, name), text);
      chmodSync(join(programs, name), 0o755);
    }
    const env = { ...process.env, NO_COLOR: '1', COLUMNS: '120', PATH: `${programs}${delimiter}${process.env.PATH}` };
    runPage(page, { folder, env, onCommand });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What is installed is what the clone has. */
const ofClone = {
  npx: `#!/bin/sh\nshift\nexec '${process.execPath}' '${root}packages/cli/bin/touchstone.mjs' "$@"\n`,
  pip: '#!/bin/sh\n',
  python: `#!/bin/sh\nPYTHONPATH='${root}tools/python' exec '${python}' "$@"\n`,
  npm: `#!/bin/bash
if [ "$1" = init ]; then echo '{ "name": "project", "type": "commonjs" }' > package.json; exit; fi
folder=.
while [ $# -gt 0 ]; do if [ "$1" = --prefix ]; then folder=$2; fi; shift; done
if [ ! -e "$folder/node_modules" ]; then
  mkdir "$folder/node_modules"
  ln -s '${root}node_modules'/* "$folder/node_modules"
  ln -s '${root}packages/api' "$folder/node_modules/touchstone"
  mkdir "$folder/node_modules/touchstone-golden"
  ln -s '${root}golden' "$folder/node_modules/touchstone-golden/golden"
fi
`,
};

/** npm itself, with our packages from files, and Python in an environment in `scratch`. */
function ofPackages(packed, scratch) {
  const fileOf = (name) => readdirSync(packed).find((file) => new RegExp(`^${name}-\\d.*\\.tgz$`).test(file));
  const { stdout } = spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' });
  return {
    npm: `#!/bin/bash
given=()
for each in "$@"; do
  case "$each" in
    touchstone) given+=('${join(packed, fileOf('touchstone'))}') ;;
    touchstone-golden) given+=('${join(packed, fileOf('touchstone-golden'))}') ;;
    *) given+=("$each") ;;
  esac
done
exec '${stdout.trim()}' "\${given[@]}"
`,
    ...inEnvironment(join(scratch, 'python')),
  };
}

/** `python` and `pip` by their whole paths, made when they are first run. */
function inEnvironment(folder) {
  const own = join(folder, 'bin', 'python');
  const make = `#!/bin/bash
if [ ! -e '${own}' ]; then
  '${python}' -m venv '${folder}'
  outer=$(echo '${folder}'/lib/python*/site-packages)/outer.pth
  '${python}' -c 'import site; [print(each) for each in site.getsitepackages()]' > "$outer"
fi
`;
  return { python: `${make}exec '${own}' "$@"\n`, pip: `${make}exec '${own}' -m pip "$@"\n` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ options: { packed: { type: 'string' } }, allowPositionals: true });
  // A page by its path, or by its name alone.
  const asked = positionals.map((page) => (existsSync(page) ? page : join(tutorials, `${basename(page, '.md')}.md`)));
  for (const page of asked.length > 0 ? asked : pages()) {
    const start = performance.now();
    console.log(`── ${basename(page)}`);
    const why = isSkipped(page);
    if (why) {
      console.log(`skipped: ${why}\n`);
      continue;
    }
    tryPage(page, { packed: values.packed, onCommand: (line) => console.log(`$ ${line}`) });
    console.log(`✓ ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  }
}
