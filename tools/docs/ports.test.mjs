/** The ports that the pages print pass "touchstone port check" as they are printed. Needs a build. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { blocksIn } from './blocks.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const python = process.env['TOUCHSTONE_PYTHON'] || 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch, safetensors'], { stdio: 'ignore' }).status === 0;

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-ports-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules')); // in place of npm install
  copyFileSync(join(root, 'tools/docs/my-grad-cam.js'), join(folder, 'my-grad-cam.mjs'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }');
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The block of code of the page that has `text`. */
function printed(page, text) {
  const found = blocksIn(join(root, page)).find((block) => block.text.includes(text));
  assert(found, `${page} has a block with ${text}`);
  return found.text;
}

function check(port) {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'packages/cli/bin/touchstone.mjs'), 'port', 'check', '--port', port],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', PYTHONPATH: join(root, 'tools/python') } },
  );
  assert.match(stdout, /: 5 of 5 checks passed, 0 failed, 0 not supported, 0 errored\n$/, stdout + stderr);
}

for (const [page, text] of [
  ['README.md', '// my-port.mjs'],
  ['tools/ports/README.md', 'saliency: async'],
])
  test(`the port in ${page}`, () => {
    const file = join(folder, `${page.replaceAll('/', '-')}.mjs`);
    writeFileSync(file, printed(page, text));
    check(file);
  });

test('the port in tools/python/README.md', { skip: !hasTorch && `${python} has no torch and safetensors` }, () => {
  const file = join(folder, 'my_port.py');
  writeFileSync(file, printed('tools/python/README.md', 'touchstone.serve(port)'));
  check(`cmd:'${python}' '${file}'`);
});
