/** Ports that are modules or processes and do what they should not. */
import { join } from 'node:path';
import { oneCase, write } from './assets.mjs';

const right = '{ shape: [1, 1, 32, 32], data: new Float32Array(1024) }';
const port = (body, before = '') =>
  `${before}\nexport default { name: 'hostile', version: '1', methods: { saliency: async (job) => { ${body} } } };`;
const answering = (answer, before) => port(`return ${answer};`, before);
const spawns = (options) =>
  answering(
    `{ attribution: ${right} }`,
    `import { spawn } from 'node:child_process';
    spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], ${options}).unref();`,
  );

/** Exit status 1: judged, and not conformant. */
const wrong = {
  'answers zeros': answering(`{ attribution: ${right} }`),
  'answers NaN': answering('{ attribution: { shape: [1, 1, 32, 32], data: new Float32Array(1024).fill(NaN) } }'),
  'answers another shape': answering('{ attribution: { shape: [1], data: Float32Array.of(1) } }'),
  'answers another time something else': answering(
    '{ attribution: { shape: [1, 1, 32, 32], data: Float32Array.from({ length: 1024 }, Math.random) } }',
  ),
  'replaces Object.is': answering(`{ attribution: ${right} }`, 'Object.is = () => true;'),
  'answers no stage': answering('{}'),
  'writes over everything it is given': port(
    `for (const { data } of Object.values(job.network.weights)) data.fill(0); job.inputs.x.data.fill(0);
     return { attribution: ${right} };`,
  ),
  'prints 10 MB': port(`console.log('x'.repeat(1e7)); return { attribution: ${right} };`),
  'prints what looks like an answer': port(`console.log('{"seq":1}'); return { attribution: ${right} };`),
  'changes to another folder': port(`process.chdir('/'); return { attribution: ${right} };`),
  'sets an exit status of 0': port(`process.exitCode = 0; return { attribution: ${right} };`),
  'leaves a timer': port(`setInterval(() => 0, 10); return { attribution: ${right} };`),
  'leaves a server': port(
    `await new Promise((open) => createServer().listen(0, open)); return { attribution: ${right} };`,
    "import { createServer } from 'node:net';",
  ),
  'leaves a file in its temporary folder': port(
    `writeFileSync(join(tmpdir(), 'left'), 'x'); return { attribution: ${right} };`,
    "import { writeFileSync } from 'node:fs'; import { tmpdir } from 'node:os'; import { join } from 'node:path';",
  ),
  'leaves a process': spawns("{ stdio: 'ignore' }"),
  'leaves a process that holds its pipes': spawns("{ stdio: 'inherit' }"),
  'leaves a process outside of its group': spawns("{ stdio: 'ignore', detached: true }"),
  'leaves a process outside of its group that holds its pipes': spawns("{ stdio: 'inherit', detached: true }"),
};

/** Exit status 4: it broke, or did not start. */
const broken = {
  'replaces JSON and Map': answering(`{ attribution: ${right} }`, 'JSON.parse = () => 1; Map.prototype.get = () => 1;'),
  throws: port("throw new Error('boom\\u001b[2J');"),
  'throws null': port('throw null;'),
  'throws an error whose message throws': port("throw { get message() { throw new Error('no') } };"),
  'answers null': answering('null'),
  'answers text': answering("'attribution'"),
  'answers text as data': answering("{ attribution: { shape: [1], data: 'x' } }"),
  'answers bigints': answering('{ attribution: { shape: [1], data: BigInt64Array.of(1n) } }'),
  'answers a negative shape': answering('{ attribution: { shape: [-1, -1], data: Float32Array.of(1) } }'),
  'answers 10⁸ values': answering('{ attribution: { shape: [1e8], data: new Float32Array(1e8) } }'),
  'answers with a getter that throws': answering("{ get attribution() { throw new Error('no'); } }"),
  'answers with a proxy': answering("new Proxy({}, { ownKeys: () => { throw new Error('no'); } })"),
  'answers a length that lies': answering('{ attribution: { shape: [1], data: { length: -1 } } }'),
  'never answers': port('return new Promise(() => undefined);'),
  'is in a loop': port('for (;;);'),
  ends: port('process.exit(0);'),
  'kills itself': port("process.kill(process.pid, 'SIGKILL');"),
  'stops itself': port("process.kill(process.pid, 'SIGSTOP'); return {};"),
  aborts: port('process.abort();'),
  'closes its channel': port('process.disconnect(); return {};'),
  'sends a message of its own': port(
    "process.send({ seq: 1, reply: { kind: 'loaded' } }); return new Promise(() => 0);",
  ),
  'removes the listeners of its channel': port(
    "process.removeAllListeners('message'); return {};",
    "process.removeAllListeners('message');",
  ),
  'takes all memory': port('const all = []; for (;;) all.push(new Array(1e6).fill(1));'),
  'leaves a rejection': port("Promise.reject(new Error('left')); return new Promise(() => 0);"),
  'ends while it is imported': 'process.exit(0);',
  'never ends to be imported': 'await new Promise(() => 0);',
  'imports what is not there': "import './nowhere.js';",
  'exports nothing': 'export {};',
  'is no JavaScript': 'export default {',
  'has no name': "export default { name: '', version: '1', methods: {} };",
  'has a name of 100,000 characters': "export default { name: 'x'.repeat(1e5), version: '1', methods: {} };",
  'calls itself wasm': "export default { name: 'wasm', version: '1', methods: {} };",
  'has a getter that throws': "export default { name: 'x', version: '1', get methods() { throw new Error('no'); } };",
  'has no method that is asked': "export default { name: 'x', version: '1', methods: { gradcam: async () => ({}) } };",
  'says that it cannot': port("throw Object.assign(new Error('no'), { code: 'unsupported' });"),
};

/** A program that follows the protocol; instead of an answer to `run` it does what `body` says. */
const served = (body, { hello = '', bye = 'send({ bye: true, nonce, ran })' } = {}) => `
  import * as fs from 'node:fs';
  import { spawn } from 'node:child_process';
  import { createInterface } from 'node:readline';
  const send = (reply) => process.stdout.write(JSON.stringify(reply) + '\\n');
  const write = (out, values) => {
    const header = JSON.stringify({ attribution: { dtype: 'F32', shape: [1, 1, 32, 32], data_offsets: [0, 4096] } });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    fs.writeFileSync(out, Buffer.concat([length, Buffer.from(header), Buffer.from(values.buffer)]));
  };
  let ran = 0;
  process.stdout.on('error', () => 0);
  for await (const line of createInterface({ input: process.stdin })) {
    const { cmd, nonce, seq, out, scratch } = JSON.parse(line);
    const port = { name: 'hostile', version: '1', language: 'js' };
    if (cmd === 'hello') { ${hello}; send({ protocol: 1, nonce, port, methods: ['saliency'] }); }
    else if (cmd === 'stop') { ${bye}; }
    else { ran++; ${body}; send({ seq, nonce, status: 'ok' }); }
  }`;
const zeros = 'write(out, new Float32Array(1024))';
const idles = "['-e', 'setInterval(() => 0, 1000)']";

/** Exit status 1: judged, and not conformant. */
const wrongProcesses = {
  'answers zeros': served(zeros),
  'answers NaN': served('write(out, new Float32Array(1024).fill(NaN))'),
  'answers another time something else': served('write(out, Float32Array.from({ length: 1024 }, Math.random))'),
  'prints 10 MB to stderr without a line end': served(`${zeros}; process.stderr.write('x'.repeat(1e7))`),
  'leaves a process that holds its pipes': served(
    `${zeros}; spawn(process.execPath, ${idles}, { stdio: 'inherit' }).unref()`,
  ),
  'leaves a process outside of its group': served(
    `${zeros}; spawn(process.execPath, ${idles}, { stdio: 'inherit', detached: true }).unref()`,
  ),
  'does not say goodbye': served(zeros, { bye: 'process.exit(0)' }),
  'ignores every signal and never ends': served(zeros, {
    hello: "process.on('SIGTERM', () => 0); setInterval(() => 0, 1000)",
  }),
};

/** Exit status 4: it broke, or did not start. */
const brokenProcesses = {
  'ends at once': 'process.exit(0);',
  'is no program': 'import {',
  'prints before it is asked': "console.log('ready'); setInterval(() => 0, 1000);",
  'prints a line of 100 MB': served("process.stdout.write('x'.repeat(1e8)); setInterval(() => 0, 1000); continue"),
  'prints lines without an end': served(
    "const more = () => process.stdout.write('{}\\n'.repeat(1e5), (e) => e || setImmediate(more)); more(); continue",
  ),
  'prints control characters': served("process.stdout.write('\\u001b[2J\\u001b]0;x\\u0007\\n'); continue"),
  'prints bytes that are no text': served('process.stdout.write(Buffer.from([255, 254, 10])); continue'),
  'never answers': served('continue'),
  'is in a loop': served('for (;;)'),
  'kills itself': served("process.kill(process.pid, 'SIGKILL'); continue"),
  'stops itself': served("process.kill(process.pid, 'SIGSTOP'); continue"),
  'kills its group': served("process.kill(-process.pid, 'SIGKILL'); continue"),
  'repeats another nonce': served("send({ seq, nonce: 'x'.repeat(36), status: 'ok' }); continue"),
  'says goodbye instead': served('send({ bye: true, nonce, ran }); continue'),
  'writes no file': served(''),
  'writes 1 TB of nothing': served("fs.writeFileSync(out, ''); fs.truncateSync(out, 2 ** 40)"),
  'links its answer to another file': served("fs.symlinkSync('/etc/passwd', out)"),
  'makes its answer a folder': served('fs.mkdirSync(out)'),
  'removes its scratch folder': served('fs.rmSync(process.env.TMPDIR, { recursive: true })'),
  'calls itself wasm': served('', { hello: "port.name = 'wasm'" }),
};

/** @returns {import('./run-attack.mjs').Attack[]} */
export function hostilePorts() {
  const attacks = (table, status) =>
    Object.entries(table).map(([what, text]) => ({
      group: 'ports',
      what: `a port that ${what}`,
      where: 'verify --port',
      args: ['verify', '--case', oneCase, '--port', './port.mjs', '--deadline', '4'],
      statuses: [status],
      prepare: (work) => write(join(work, 'port.mjs'), text),
    }));
  const processes = (table, status) =>
    Object.entries(table).map(([what, text]) => ({
      group: 'ports',
      what: `a process that ${what}`,
      where: 'verify --port cmd:…',
      args: ['verify', '--case', oneCase, '--port', 'cmd:node ./port.mjs', '--deadline', '4'],
      statuses: [status],
      prepare: (work) => write(join(work, 'port.mjs'), text),
    }));
  return [
    ...attacks(wrong, 1),
    ...attacks(broken, 4),
    ...processes(wrongProcesses, 1),
    ...processes(brokenProcesses, 4),
  ];
}
