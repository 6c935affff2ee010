/** Hostile files × readers: what is no readable file of the kind, in every place where a file is read. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, openSync, closeSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { attributeSaliency, copyGolden, copyNetwork, input, isRoot, oneCase } from './assets.mjs';

/** What is hostile → how it comes to be at a path. */
const kinds = {
  'no file': () => undefined,
  'an empty file': (path) => writeFileSync(path, ''),
  'one byte': (path) => writeFileSync(path, '{'),
  'bytes that are no text': (path) =>
    writeFileSync(
      path,
      Uint8Array.from({ length: 4096 }, (_, i) => (i * 197) % 256),
    ),
  'NUL bytes': (path) => writeFileSync(path, new Uint8Array(4096)),
  'JSON, nested 100,000 deep': (path) => writeFileSync(path, '['.repeat(100_000)),
  'a __proto__ as JSON': (path) => writeFileSync(path, '{"__proto__": {"polluted": true}, "constructor": 1}'),
  'UTF-16': (path) => writeFileSync(path, Buffer.from('\ufeff{"a": 1}', 'utf16le')),
  'a folder': (path) => mkdirSync(path),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
  'a socket': (path) => leaveSocket(path),
  'an endless device': (path) => symlinkSync('/dev/zero', path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a link to nothing': (path) => symlinkSync('nowhere', path),
  'a file of 3 GiB without content': (path) => {
    closeSync(openSync(path, 'w'));
    truncateSync(path, 3 * 2 ** 30);
  },
  'a file that may not be read': (path) => {
    writeFileSync(path, '{}');
    chmodSync(path, 0);
  },
};

/** The socket of a server that is gone without removing it; a server in this process would have to be waited for. */
function leaveSocket(path) {
  const end = "() => process.kill(process.pid, 'SIGKILL')";
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, ${end})`;
  try {
    execFileSync(process.execPath, ['-e', program], { stdio: 'ignore' });
  } catch {
    // It has killed itself.
  }
}

/** Where → the file that is hostile, what else is needed, the command, and the statuses that are right. */
const readers = {
  'attribute --input': reader(
    'x.safetensors',
    [...attributeSaliency, '--network', 'tiny-vgg', '--input', 'x.safetensors'],
    [64],
  ),
  'attribute --image': reader('x.png', [...attributeSaliency, '--network', 'tiny-vgg', '--image', 'x.png'], [64]),
  'network.json': reader(
    'network/network.json',
    [...attributeSaliency, '--network', './network', '--input', input],
    [64],
    copyNetwork,
  ),
  'weights.safetensors': reader(
    'network/weights.safetensors',
    [...attributeSaliency, '--network', './network', '--input', input],
    [64],
    copyNetwork,
  ),
  'verify --port': reader('port.mjs', ['verify', '--case', oneCase, '--port', 'port.mjs'], [4, 64]),
  'verify --outputs': reader(
    `outputs/${oneCase}/outputs.safetensors`,
    ['verify', '--case', oneCase, '--outputs', 'outputs'],
    [4],
  ),
  'report FILE': reader('results.ndjson', ['report', 'results.ndjson', '--junit', 'junit.xml'], [64]),
  'merge FILE': reader('results.ndjson', ['merge', 'results.ndjson', '--report', 'merged'], [64]),
  'bench --from': reader('rows.jsonl', ['bench', '--from', 'rows.jsonl', '--plot', 'plot.svg'], [64]),
  'bench --rows': reader('rows.jsonl', ['bench', 'saliency', '--backend', 'nowhere', '--rows', 'rows.jsonl'], [64]),
  'gate --base': reader(
    'base.json',
    ['gate', '--base', 'base.json', '--backend', 'cpu', '--benchmark', 'saliency'],
    [4, 64],
  ),
  'manifest.json': reader('golden/manifest.json', ['golden', 'verify', '--golden', 'golden'], [5], copyGolden),
  'cases.jsonl': reader('golden/cases.jsonl', ['verify', '--case', oneCase, '--golden', 'golden'], [5], copyGolden),
  'probes.json': reader('golden/probes.json', ['doctor', '--probes', '--golden', 'golden'], [5], copyGolden),
};

function reader(file, args, statuses, prepare = () => undefined) {
  return { file, args, statuses, prepare };
}

/** @returns {import('./run-attack.mjs').Attack[]} */
export function hostileFiles() {
  return Object.entries(readers).flatMap(([where, { file, args, statuses, prepare }]) =>
    Object.entries(kinds).map(([what, place]) => ({
      group: 'files',
      what,
      where,
      args,
      statuses,
      // It prepares the file before it measures: a link is replaced, not followed.
      mayWrite: where === 'bench --rows' ? [file] : [],
      skip: what === 'a file that may not be read' && isRoot ? 'root may read every file' : null,
      prepare: (work) => {
        prepare(work);
        const path = join(work, file);
        mkdirSync(dirname(path), { recursive: true });
        rmSync(path, { force: true });
        place(path);
      },
    })),
  );
}
