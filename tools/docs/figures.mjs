/**
 * `node tools/docs/figures.mjs`: draws docs/figures, the figures of docs/figures.md, with the commands of that page,
 * and compresses them. Needs a build.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blocksIn } from './blocks.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sharp = createRequire(join(root, 'packages/images/package.json'))('sharp');

const program = join(root, 'packages/cli/bin/touchstone.mjs');
/** `npx touchstone` is this clone's. */
const npx = `npx() { shift; '${process.execPath}' '${program}' "$@"; }; set -e\n`;

const folder = mkdtempSync(join(tmpdir(), 'touchstone-figures-'));
try {
  symlinkSync(join(root, 'golden'), join(folder, 'golden'));
  const commands = blocksIn(join(root, 'docs/figures.md')).filter(({ language }) => language === 'sh');
  const text = npx + commands.map((block) => block.text).join('');
  const { status } = spawnSync('bash', ['-c', text], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error(`a command of docs/figures.md ended with status ${status}`);
  const figures = join(root, 'docs/figures');
  await sharp(join(folder, 'overlay.png')).png({ palette: true, effort: 10 }).toFile(join(figures, 'overlay.png'));
  await sharp(join(folder, 'sheet.png')).jpeg({ quality: 85, mozjpeg: true }).toFile(join(figures, 'sheet.jpg'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
