/** Readers that leave, full disks, and limits of the system. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { input, isRoot, oneCase, write } from './assets.mjs';

const wrongPort = `const attribution = { shape: [1, 1, 32, 32], data: new Float32Array(1024) };
  export default { name: 'wrong', version: '1', methods: { saliency: async () => ({ attribution }) } };`;
const attribute = ['attribute', 'saliency', '--network', 'tiny-vgg', '--input', input, '--backend', 'cpu', '--out'];

const bench = ['bench', 'saliency', '--backend', 'cpu', '--rounds', '1', '--no-python'];

/** Where → its arguments, and the status that it has without an attack. */
const commands = {
  list: { args: ['list'], status: 0 },
  'golden verify': { args: ['golden', 'verify'], status: 0 },
  attribute: { args: [...attribute, 'out.png'], status: 0 },
  'a failing verify': { args: ['verify', '--case', oneCase, '--port', './port.mjs'], status: 1 },
  'a failing verify --json -': {
    args: ['verify', '--case', oneCase, '--port', './port.mjs', '--json', '-'],
    status: 1,
  },
  'wrong usage': { args: ['verify', '--bakend', 'cpu'], status: 64 },
};
const leave = (stream) => (child) => child[stream].destroy();
const full = () => openSync('/dev/full', 'w');

/** What happens to its output → how, and the statuses that are right besides its own. */
const outputs = {
  'nothing reads stdout': { during: leave('stdout'), also: [] },
  'nothing reads stderr': { during: leave('stderr'), also: [] },
  'stdout is full': { stdio: () => ['ignore', full(), 'pipe'], also: [4] },
  'stderr is full': { stdio: () => ['ignore', 'pipe', full()], also: [] },
};

/** What is written to `full/` → the command. */
const writers = {
  'verify --report': ['verify', '--method', 'saliency', '--backend', 'wasm', '--report', 'full'],
  'verify --json': ['verify', '--case', oneCase, '--backend', 'cpu', '--json', 'full/lines.ndjson'],
  'verify --export': ['verify', '--method', 'saliency', '--export', 'full/exported'],
  'explain --report': ['explain', oneCase, '--backend', 'cpu', '--report', 'full'],
  'attribute --out .png': [...attribute, 'full/out.png'],
  'attribute --out .safetensors': [...attribute, 'full/out.safetensors'],
  'bench --rows': [...bench, '--rows', 'full/rows.jsonl'],
  'bench --history': [...bench, '--history', 'full/history.jsonl'],
  'fuzz --corpus': ['fuzz', 'hooks', '--corpus', '312', '--seed', '1', '--out', 'full'],
};

/** A limit of bash → the statuses that are right. */
const limits = {
  'ulimit -n 24': [4],
  'ulimit -n 40': [4],
  'ulimit -n 100': [0, 1, 4],
  'ulimit -f 0': [0, 1, 4],
  'ulimit -t 600': [0, 1],
};

function prepare(work) {
  write(join(work, 'port.mjs'), wrongPort);
}

/** @returns {import('./run-attack.mjs').Attack[]} */
export function hostileMachine() {
  const everywhere = Object.entries(commands);
  const byOutput = Object.entries(outputs).flatMap(([what, { during, stdio, also }]) =>
    everywhere.map(([where, { args, status }]) => ({
      group: 'machine',
      what,
      where,
      args,
      statuses: [status, ...also],
      prepare,
      during,
      makeStdio: stdio,
      skip: stdio && process.platform !== 'linux' ? 'there is no /dev/full' : null,
    })),
  );
  const byLimit = Object.entries(limits).flatMap(([what, statuses]) =>
    everywhere.map(([where, { args, status }]) => ({
      group: 'machine',
      what,
      where,
      args,
      statuses: [...new Set([...statuses, ...(statuses.includes(0) ? [status] : [])])],
      shell: what,
      prepare,
      skip: process.platform === 'win32' ? 'there are no limits' : null,
    })),
  );
  return [...byOutput, ...byLimit, ...fullDisks()];
}

/** A file system of 16 KiB in memory, which is unmounted after the attack. */
function fullDisks() {
  return Object.entries(writers).map(([where, args]) => ({
    group: 'machine',
    what: 'the disk is full',
    where,
    args,
    statuses: [4],
    skip: isRoot && process.platform === 'linux' ? null : 'a small disk needs root',
    prepare: (work) => {
      mkdirSync(join(work, 'full'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', join(work, 'full')]);
      try {
        write(join(work, 'full/filling'), new Uint8Array(8192));
        write(join(work, 'full/more'), new Uint8Array(8192));
      } catch {
        // It is full.
      }
    },
    cleanUp: (work) => execFileSync('umount', [join(work, 'full')]),
  }));
}
