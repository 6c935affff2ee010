import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  messageOf,
  parse,
  parseJson,
  readSafetensors,
  TouchstoneError,
  writeSafetensors,
  type HostTensor,
} from '@touchstone/contract';
import { parseNetwork } from '@touchstone/network';
import { endWithParent } from '@touchstone/system';
import { openJob, type AskedNetwork } from './job.js';
import { fromPortLayout } from './layout.js';
import { PortMessage, type RunMessage } from './messages.js';
import { noMethod, PortModule } from './port-module.js';
import type { Port } from './port.js';
import { readAnswer } from './read-answer.js';

/**
 * Serves a port as a process: `verify --port "cmd:node my-port.mjs"`. Answers the messages of docs/port-protocol.md on
 * stdin until it is stopped, and ends the process. Meanwhile what the port prints to stdout goes to stderr.
 */
export async function servePort(port: Port): Promise<never> {
  const served = new ServedPort(parse(PortModule, port, 'the port', 'port-error'));
  if (process.stdin.isTTY) {
    console.error('This is a port: give it to touchstone verify --port "cmd:node …", which asks the questions.');
    process.exit(64);
  }
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  for await (const line of createInterface({ input: process.stdin })) {
    const message = parseJson(line, PortMessage, 'a message of the port protocol', 'port-error');
    const reply = { nonce: message.nonce, ...(await served.reply(message)) };
    await new Promise((resolve) => write(`${JSON.stringify(reply)}\n`, resolve));
    if (message.cmd === 'stop') process.exit(0);
  }
  // Whoever asked has ended without a word.
  process.exit(1);
}

class ServedPort {
  readonly #port: PortModule;
  #network: AskedNetwork | undefined;
  #ran = 0;

  constructor(port: PortModule) {
    this.#port = port;
  }

  async reply(message: PortMessage): Promise<object> {
    const { name, version, methods, layout, dtype } = this.#port;
    switch (message.cmd) {
      case 'hello': {
        // Not where a shell or npm is in between: its end is not ours.
        const parent = Number(process.env['TOUCHSTONE_PARENT']);
        if (process.ppid === parent) endWithParent(parent, message.scratch);
        const language = `JavaScript, Node ${process.version}`;
        return { protocol: 1, port: { name, version, language }, methods: Object.keys(methods), layout, dtype };
      }
      case 'run':
        this.#ran++;
        return { seq: message.seq, ...(await this.#run(message)) };
      case 'stop':
        return { bye: true, ran: this.#ran };
    }
  }

  async #run(message: RunMessage): Promise<object> {
    const { methods } = this.#port;
    const method = Object.hasOwn(methods, message.method) ? methods[message.method] : undefined;
    if (method === undefined) return { status: 'unsupported', reason: noMethod(message.method, Object.keys(methods)) };
    try {
      const { job, close } = openJob(this.#asked(message), this.#load(message.network), this.#port);
      try {
        // As the port has it: whoever asked converts.
        const stages = await readAnswer(await method(job), Infinity, 'NCHW');
        writeFileSync(message.out, writeSafetensors(stages));
      } finally {
        close();
      }
      return { status: 'ok' };
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code === 'unsupported')
        return { status: 'unsupported', reason: messageOf(error) };
      if (error instanceof Error && !(error instanceof TouchstoneError)) console.error(error.stack);
      return { status: 'error', message: messageOf(error) };
    }
  }

  /** A job is made of NCHW, and converted again. */
  #asked({ inputs, target, params }: RunMessage) {
    const { tensors } = readSafetensors(readFileSync(inputs), inputs);
    const { x, ...fixtures } = Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name, fromPortLayout(tensor, this.#port.layout)]),
    ) as Record<string, HostTensor>;
    if (x === undefined) throw new TouchstoneError('port-error', `${inputs} has no tensor "x"`);
    return { x, target, params, fixtures };
  }

  /** Keeps the last one. */
  #load(folder: string): AskedNetwork {
    if (this.#network?.folder !== folder) {
      const [json, weights] = [join(folder, 'network.json'), join(folder, 'weights.safetensors')];
      const description = parseNetwork(JSON.parse(readFileSync(json, 'utf8')), json);
      this.#network = { folder, description, weights: readSafetensors(readFileSync(weights), weights).tensors };
    }
    return this.#network;
  }
}
