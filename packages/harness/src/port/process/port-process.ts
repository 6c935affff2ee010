import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  messageOf,
  parse,
  readSafetensors,
  TouchstoneError,
  writeSafetensors,
  type Stages,
  type Target,
} from '@touchstone/contract';
import {
  fromPortLayout,
  HelloReply,
  PortMessage,
  RunReply,
  StopReply,
  toPortForm,
  type RunMessage,
} from '@touchstone/port';
import { withoutAdvertising, type ExplainRequest } from '@touchstone/session';
import { ChildServer, readBounded, realBelow } from '@touchstone/system';
import type { z } from 'zod';
import { NetworkCopies } from './network-copies.js';

/** Room for the header of a safetensors file, in bytes. */
const headerBytes = 2 ** 20;
const protocolHint =
  'Compare what it sends with docs/port-protocol.md; print to stderr, because stdout is for replies.';

/** What one run gave. `error`: the port said that it failed, or what it wrote cannot be read. */
export type Ran =
  | { readonly status: 'ok'; readonly stages: Stages; readonly milliseconds: number }
  | { readonly status: 'unsupported' | 'error'; readonly reason: string; readonly breaksProtocol: boolean };

/** A message without what every message has. */
type Sent = PortMessage extends infer M ? (M extends PortMessage ? Omit<M, 'nonce'> : never) : never;

/**
 * One process of a port (way 2 of the port protocol): a message at a time, everything validated. An error that it
 * throws has ended the process.
 */
export class PortProcess {
  readonly #server: ChildServer;
  readonly #scratch: string;
  readonly #networks: NetworkCopies;
  #hello: HelloReply | undefined;
  #seq = 0;

  constructor([command = '', ...args]: readonly string[], onPrinted: ((line: string) => void) | undefined) {
    const options = {
      transport: 'lines',
      scratch: 'touchstone-port-',
      isForeign: true,
      onPrinted: onPrinted && withoutAdvertising(onPrinted),
    } as const;
    this.#server = new ChildServer({ name: 'the port', command, args, ...options });
    this.#scratch = this.#server.scratch!;
    this.#networks = new NetworkCopies(join(this.#scratch, 'networks'));
    mkdirSync(join(this.#scratch, 'out'));
  }

  get ended(): boolean {
    return this.#server.ended;
  }

  async hello(version: string, deadlineMs: number): Promise<HelloReply> {
    const message = { cmd: 'hello', protocol: 1, suite: { version }, scratch: this.#scratch } as const;
    return (this.#hello = await this.#ask(message, HelloReply, deadlineMs));
  }

  /** Runs the request twice; once where the first run has no answer. */
  async runTwice(request: ExplainRequest, deadlineMs: number): Promise<readonly Ran[]> {
    // With the reason why it has ended by itself.
    if (this.ended) await this.#server.hear(0);
    const inputs = join(this.#scratch, `inputs-${this.#seq + 1}.safetensors`);
    const { x, fixtures, networkFolder } = request;
    const network = this.#inScratch(() => this.#networks.of(networkFolder));
    const tensors = Object.entries({ x, ...fixtures }).map(([name, tensor]) => [name, toPortForm(tensor, this.#form)]);
    this.#inScratch(() => writeFileSync(inputs, writeSafetensors(Object.fromEntries(tensors))));
    try {
      const first = await this.#run(request, { network, inputs, deadlineMs });
      return first.status === 'ok' ? [first, await this.#run(request, { network, inputs, deadlineMs })] : [first];
    } finally {
      rmSync(inputs, { recursive: true, force: true });
    }
  }

  /** Asks it to end by itself. @throws `port-error` where it does not say goodbye as agreed, or says more after it */
  async bye(deadlineMs: number): Promise<void> {
    const { ran } = await this.#ask({ cmd: 'stop' }, StopReply, deadlineMs);
    if (ran !== this.#seq)
      throw this.#violated(`it says that it has answered ${ran} runs; it was asked for ${this.#seq}`);
    await this.#server.finish();
  }

  /** Without a reason, it may end by itself. */
  end(why?: TouchstoneError): Promise<void> {
    return this.#server.end(why);
  }

  get #form(): HelloReply {
    if (this.#hello === undefined) throw new TouchstoneError('internal', 'a port was used before it was opened');
    return this.#hello;
  }

  async #run(
    { case: id, method, target, params, compared, maxValues }: ExplainRequest,
    files: Pick<RunMessage, 'network' | 'inputs' | 'deadlineMs'>,
  ): Promise<Ran> {
    const seq = ++this.#seq;
    const name = `${randomUUID()}.safetensors`;
    const out = join(this.#scratch, 'out', name);
    const message: Sent = {
      cmd: 'run',
      seq,
      case: id ?? `${method}/unnamed`,
      method,
      target: target as Target,
      params,
      want: [...(compared?.stages ?? [])],
      required: compared?.required ?? [],
      out,
      ...files,
    };
    const start = performance.now();
    const reply = await this.#ask(message, RunReply, files.deadlineMs);
    const milliseconds = performance.now() - start;
    if (reply.seq !== seq) throw this.#violated(`its "seq" is ${reply.seq} where ${seq} was asked`);
    if (reply.status === 'unsupported') return { status: 'unsupported', reason: reply.reason, breaksProtocol: false };
    if (reply.status === 'error')
      return { status: 'error', reason: `the port failed: ${reply.message}`, breaksProtocol: false };
    try {
      return { status: 'ok', stages: this.#read(name, maxValues), milliseconds };
    } catch (error) {
      return {
        status: 'error',
        reason: `"out" of an answer cannot be read: ${messageOf(error)}`,
        breaksProtocol: true,
      };
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  }

  #read(name: string, maxValues: number): Stages {
    const path = realBelow(this.#scratch, join('out', name), 'port-error');
    const bytes = readBounded(path, maxValues * 8 + headerBytes, 'port-error');
    const { tensors } = readSafetensors(bytes, 'out', ['F32', 'F64']);
    const layout = this.#form.layout;
    return Object.fromEntries(Object.entries(tensors).map(([stage, t]) => [stage, fromPortLayout(t, layout)]));
  }

  async #ask<S extends z.ZodType<{ nonce: string }>>(sent: Sent, schema: S, deadlineMs: number): Promise<z.output<S>> {
    const nonce = randomUUID();
    const message = parse(PortMessage, { ...sent, nonce }, `the message "${sent.cmd}" to the port`, 'internal');
    const answer = await this.#server.ask(message, deadlineMs);
    let reply: z.output<S>;
    try {
      reply = parse(schema, answer, `its reply to "${sent.cmd}"`);
    } catch (error) {
      throw this.#violated(messageOf(error));
    }
    if (reply.nonce !== nonce) throw this.#violated(`its reply to "${sent.cmd}" repeats another nonce`);
    return reply;
  }

  /** Ends the process, which is no longer understood. */
  #violated(what: string): TouchstoneError {
    const line = this.#server.lastLine;
    const error = new TouchstoneError(
      'port-error',
      `the port breaks the protocol: ${what}; it sent: ${line}`,
      protocolHint,
    );
    void this.#server.end(error);
    return error;
  }

  /** Does something with the scratch folder, which the port may have spoilt. */
  #inScratch<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (
        !['ENOENT', 'ENOTDIR', 'EEXIST', 'EACCES', 'EISDIR', 'ELOOP'].includes((error as { code?: string }).code ?? '')
      )
        throw error;
      const spoilt = new TouchstoneError('port-error', `the port has changed its scratch folder: ${messageOf(error)}`);
      void this.#server.end(spoilt);
      throw spoilt;
    }
  }
}
