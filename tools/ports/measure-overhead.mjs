/**
 * What judging a port costs beyond the port's own time: `node tools/ports/measure-overhead.mjs [PROFILE]`.
 *
 * Judges two ports that are processes. One says of every case that it does not support it; the other copies the stages
 * of the goldens, except of those that store only a sample. Both sum up how long they work. Iterated methods are left
 * out: what they must achieve is computed in float64, which is a cost of the method and not of the port.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const self = fileURLToPath(import.meta.url);
const iterated = ['class-visualization', 'fooling-image', 'filter-visualization', 't-sne'];
const kinds = ['refuses', 'copies'];
const [asked = 'quick'] = process.argv.slice(2);
if (kinds.includes(asked)) await serve(asked);
else for (const kind of kinds) measure(kind, asked);

function measure(kind, profile) {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-overhead-'));
  try {
    const command = join(root, 'packages/cli/bin/touchstone.mjs');
    const port = `cmd:'${process.execPath}' '${self}' ${kind}`;
    const args = [
      command,
      'verify',
      '--profile',
      profile,
      '--port',
      port,
      '--report',
      folder,
      '--golden',
      `${root}/golden`,
    ];
    const start = performance.now();
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const seconds = (performance.now() - start) / 1000;
    const own = Number(/worked (\S+) s/.exec(stderr)?.[1]);
    const last = stdout.split('\n').findLast((line) => / passed/.test(line));
    console.log(`${kind}: ${seconds.toFixed(1)} s, ${own.toFixed(1)} s of them the port's own; ${last}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function serve(kind) {
  const methods = readFileSync(`${root}/golden/cases.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).method);
  const port = { name: kind, version: '1', language: 'JavaScript' };
  let [ran, worked] = [0, 0];
  for await (const line of createInterface({ input: process.stdin })) {
    const start = performance.now();
    const message = JSON.parse(line);
    const { cmd, seq, nonce } = message;
    let reply = { bye: true, nonce, ran };
    if (cmd === 'hello')
      reply = { protocol: 1, nonce, port, methods: [...new Set(methods)].filter((id) => !iterated.includes(id)) };
    if (cmd === 'run') {
      ran++;
      const isDone = kind === 'copies' && copyStages(message);
      reply = { seq, nonce, ...(isDone ? { status: 'ok' } : { status: 'unsupported', reason: 'any' }) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
    worked += performance.now() - start;
    if (cmd === 'stop') console.error(`worked ${worked / 1000} s`);
  }
}

/** The stages out of a golden; false: it stores them in part. */
function copyStages({ case: id, want, out }) {
  const golden = readFileSync(`${root}/golden/data/${id}.safetensors`);
  const start = 8 + Number(golden.readBigUInt64LE());
  const { __metadata__, ...tensors } = JSON.parse(golden.toString('utf8', 8, start));
  if (Object.keys(JSON.parse(__metadata__.touchstone).sampled ?? {}).length > 0) return false;
  const [header, parts] = [{}, []];
  let end = 0;
  for (const name of want.filter((stage) => stage in tensors)) {
    const { dtype, shape, data_offsets: offsets } = tensors[name];
    parts.push(golden.subarray(start + offsets[0], start + offsets[1]));
    header[name] = { dtype, shape, data_offsets: [end, (end += parts.at(-1).length)] };
  }
  const text = JSON.stringify(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(out, Buffer.concat([length, Buffer.from(text), ...parts]));
  return true;
}
