/**
 * `node tools/docs/sample.mjs`: puts the output of `touchstone verify` for a wrong port into the README. Needs a build.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const port = './tools/docs/wrong-port.mjs';
const between = /(?<=<!-- sample:failure -->\n)[^]*?(?=<!-- \/sample -->)/;

/** The failure as it is printed, in the README's words: the port is called my-port.mjs there. */
export function sample() {
  const report = mkdtempSync(join(tmpdir(), 'touchstone-sample-'));
  try {
    const options = ['verify', '--port', port, '--case', 'grad-cam/tiny-vgg/cat-32', '--report', report];
    const { stdout } = spawnSync(process.execPath, ['packages/cli/bin/touchstone.mjs', ...options], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', COLUMNS: '120' },
    });
    const failure = /^✗ [^]*?(?=\n\n)/m.exec(stdout)?.[0] ?? stdout;
    return `\`\`\`\n${failure.replace(port, './my-port.mjs')}\n\`\`\`\n`;
  } finally {
    rmSync(report, { recursive: true, force: true });
  }
}

export function sampleInReadme() {
  return between.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[0];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(root, 'README.md');
  writeFileSync(file, readFileSync(file, 'utf8').replace(between, sample()));
}
