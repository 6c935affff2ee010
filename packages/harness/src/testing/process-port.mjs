/** A port that is a process, for tests: `node process-port.mjs FAULT LOG`. LOG gets the id of each of its processes. */
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [fault, log] = process.argv.slice(2);
appendFileSync(log, `${process.pid}\n`);

/** The tensors of a safetensors file that holds float32 and float64 only. */
function read(file) {
  const bytes = readFileSync(file);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__, ...header } = JSON.parse(bytes.toString('utf8', 8, start));
  return Object.fromEntries(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        const { buffer } = new Uint8Array(bytes.subarray(start + begin, start + end));
        return [name, { shape, dtype, data: dtype === 'F64' ? new Float64Array(buffer) : new Float32Array(buffer) }];
      },
    ),
  );
}

function write(file, name, shape, data, dtype = 'F32') {
  const header = JSON.stringify({ [name]: { dtype, shape, data_offsets: [0, data.byteLength] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  writeFileSync(file, Buffer.concat([length, Buffer.from(header), Buffer.from(data.buffer)]));
}

const send = (reply) => process.stdout.write(`${JSON.stringify(reply)}\n`);
const forever = () => setInterval(() => 0, 1000);
/** A process that does nothing, and is in the log. */
function leave(options) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], options);
  appendFileSync(log, `${child.pid}\n`);
  child.unref();
}

/** The saliency of a linear network: a row of its weights. Other networks are not supported. */
function answer({ network, inputs, target, out }) {
  const weight = read(`${network}/weights.safetensors`)['fc.weight'];
  const { x } = read(inputs);
  const row = weight.data.slice(target.class * weight.shape[1], (target.class + 1) * weight.shape[1]);
  if (fault !== 'nhwc') return write(out, 'attribution', x.shape, row);
  if (x.dtype !== 'F64' || x.shape.join() !== '1,3,4,2') throw new Error(`x is ${x.dtype} [${x.shape}]`);
  write(
    out,
    'attribution',
    x.shape,
    Float32Array.from(row, (_, i) => row[(i % 2) * 12 + Math.floor(i / 2)]),
  );
}

let times = 0;
/** What it does with the case that it spoils, instead of an answer. */
const faults = {
  hang: () => 'silent',
  stubborn: () => (process.on('SIGTERM', () => 0), forever(), process.stdin.destroy(), 'silent'),
  crash: () => (process.stderr.write('Error: boom\u001b[31m\n'), process.exit(7)),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  unsupported: ({ seq, nonce }) => send({ seq, nonce, status: 'unsupported', reason: 'no Linear' }),
  error: ({ seq, nonce }) => send({ seq, nonce, status: 'error', message: 'out of \u001b[31mmemory' }),
  prints: () => (console.log('Loading the model'), 'answered'),
  'is not UTF-8': () => process.stdout.write(Buffer.from([0xff, 0xfe, 10])),
  'long line': () => {
    const more = () => process.stdout.write('x'.repeat(2 ** 20), (error) => void (error || setImmediate(more)));
    process.stdout.on('error', () => 0);
    more();
  },
  flood: () => {
    process.stdout.on('error', () => 0);
    const more = () => process.stdout.write('{}\n'.repeat(1e5), (error) => void (error || setImmediate(more)));
    more();
  },
  'wrong seq': ({ seq, nonce }) => send({ seq: seq + 1, nonce, status: 'ok' }),
  'wrong nonce': ({ seq }) => send({ seq, nonce: '0123456789abcdef', status: 'ok' }),
  'unknown status': ({ seq, nonce }) => send({ seq, nonce, status: 'fine' }),
  'deep nesting': () => process.stdout.write(`${'['.repeat(5e5)}${']'.repeat(5e5)}\n`),
  'forged bye': ({ nonce }) => send({ bye: true, nonce, ran: 1 }),
  'no file': ({ seq, nonce }) => send({ seq, nonce, status: 'ok' }),
  'short file': ({ out }) => (writeFileSync(out, 'short'), 'answered'),
  'wrong dtype': ({ out }) => (write(out, 'attribution', [1, 2, 3, 4], new Int32Array(24), 'I32'), 'answered'),
  'link out': ({ out }) => (symlinkSync('/etc/passwd', out), 'answered'),
  fifo: ({ out }) => (execFileSync('mkfifo', [out]), 'answered'),
  folder: ({ out }) => (mkdirSync(out), 'answered'),
  sparse: ({ out }) => (writeFileSync(out, ''), truncateSync(out, 2 ** 40), 'answered'),
  NaN: ({ out }) => (write(out, 'attribution', [1, 2, 3, 4], new Float32Array(24).fill(NaN)), 'answered'),
  'wrong shape': ({ out }) => (write(out, 'attribution', [24], new Float32Array(24)), 'answered'),
  'other bits': (message) => {
    answer(message);
    const { attribution } = read(message.out);
    attribution.data[0] *= 1 + (times++ % 2) * 2 ** -22;
    return (write(message.out, 'attribution', attribution.shape, attribution.data), 'answered');
  },
  'no scratch': ({ inputs }) => (execFileSync('rm', ['-rf', inputs.replace(/[^/]*$/, '')]), 'answered'),
  'second unsupported': ({ seq, nonce }) =>
    times++ === 0 ? 'answered' : send({ seq, nonce, status: 'unsupported', reason: 'no Linear' }),
  'second error': ({ seq, nonce }) =>
    times++ === 0 ? 'answered' : send({ seq, nonce, status: 'error', message: 'out of memory' }),
  child: (message) => (leave({ stdio: 'inherit' }), answer(message), 'answered'),
  setsid: (message) => (leave({ stdio: 'inherit', detached: true }), answer(message), 'answered'),
};

function run(message) {
  const { seq, nonce, case: id } = message;
  const isSpoilt = id.endsWith('-1') && Object.hasOwn(faults, fault);
  if (!isSpoilt || fault.startsWith('second ')) answer(message);
  if (isSpoilt && faults[fault](message) !== 'answered') return;
  send({ seq, nonce, status: 'ok' });
  if (fault === 'twice' && id.endsWith('-1')) send({ seq, nonce, status: 'ok' });
  if (fault === 'early' && id.endsWith('-0')) send({ seq: seq + 1, nonce, status: 'ok' });
}

const form = fault === 'nhwc' ? { layout: 'NHWC', dtype: 'float64' } : {};
const name = { 'backend name': 'wasm', 'other name': `port ${process.pid}` }[fault] ?? 'a port';
if (fault === 'other name') faults[fault] = faults.crash;
if (fault === 'crash at start') process.exit(3);
let ran = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  const { cmd, nonce } = message;
  if (cmd === 'hello') {
    if (fault === 'hang at start') continue;
    send({ protocol: 1, nonce, port: { name, version: '1', language: 'js' }, methods: ['saliency'], ...form });
  } else if (cmd === 'run') {
    ran++;
    run(message);
  } else if (fault === 'wrong count') send({ bye: true, nonce, ran: ran + 1 });
  else if (fault === 'no bye') process.exit(0);
  else if (fault === 'talk at its end') console.log('Done!');
  else {
    send({ bye: true, nonce, ran });
    if (fault === 'a line after bye') send({ hi: 1 });
    if (fault === 'half a line after bye') setTimeout(() => process.stdout.write('hi'), 50);
  }
}
