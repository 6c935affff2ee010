/**
 * Puts together the packages with goldens: `touchstone-golden-full` holds all of golden/, `touchstone-golden` what the
 * quick cases need. Both have the same manifest and cases, so results of either have the same hash.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './stage-touchstone.mjs';

const golden = join(root, 'golden');
/** What the manifest does not list. */
const unlisted = ['manifest.json', 'cross-checks.json', 'expectations.jsonc', 'stock-tfjs.json'];

const about = {
  'touchstone-golden': 'What PyTorch gave: the quick cases of Touchstone',
  'touchstone-golden-full': 'What PyTorch gave: all cases of Touchstone',
};

/** @param {'touchstone-golden' | 'touchstone-golden-full'} name @param {string} folder new or empty */
export function stageGolden(name, folder) {
  const isPart = name === 'touchstone-golden';
  const paths = [...unlisted, ...(isPart ? quickFiles() : Object.keys(manifest().files))];
  for (const path of paths) {
    const to = join(folder, 'golden', path);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(golden, path), to);
  }
  if (isPart) writeFileSync(join(folder, 'golden', 'part.json'), '{"profile":"quick"}\n');
  for (const file of ['LICENSE', 'NOTICE']) cpSync(join(root, file), join(folder, file));
  const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const fields = { name, version, description: about[name], license };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(fields, null, 2)}\n`);
  writeFileSync(
    join(folder, 'README.md'),
    `# ${name}\n\n${about[name]}. The package \`touchstone\` finds them where they are installed.\n`,
  );
}

function manifest() {
  return JSON.parse(readFileSync(join(golden, 'manifest.json'), 'utf8'));
}

/** As `GoldenStore` knows them: what is not of single cases, and what quick cases use. */
function quickFiles() {
  const rows = readFileSync(join(golden, 'cases.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
  const used = rows
    .filter(({ profile }) => profile === 'quick')
    .flatMap(({ id, network, input, fixture }) => [
      `networks/${network}/network.json`,
      `networks/${network}/weights.safetensors`,
      `inputs/${input}.safetensors`,
      `fixtures/${fixture}.safetensors`,
      `data/${id}.safetensors`,
    ]);
  const wanted = new Set(used);
  return Object.keys(manifest().files).filter(
    (path) => wanted.has(path) || !/^(?:networks|inputs|fixtures|data)\//.test(path),
  );
}
