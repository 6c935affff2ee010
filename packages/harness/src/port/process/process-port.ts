import { counted, plainText, TouchstoneError } from '@touchstone/contract';
import { noMethod, type HelloReply, type Layout } from '@touchstone/port';
import { firstDifferent, type Answered, type ExplainAnswer, type ExplainRequest } from '@touchstone/session';
import { languageNamed, type Opened, type Port, type PortLanguage } from '../port.js';
import { unanswered } from '../repeated.js';
import { checkName, type PortOptions } from '../session-port.js';
import { wordsOf } from './command-line.js';
import { PortProcess, type Ran } from './port-process.js';

/** What a port begins with that is a command and not a module. */
const prefix = 'cmd:';
/** Processes that fail so often in a row to start, or to follow the protocol, are not started again. */
const maxFailures = 3;
/** For the start of a program and the import of its libraries, on a busy machine, in milliseconds. */
const minStartMs = 20_000;

/** The command line of `--port cmd:…`; null: it is not a command. */
export function commandOf(port: string): string | null {
  return port.startsWith(prefix) ? port.slice(prefix.length) : null;
}

/**
 * A program in any language (way 2 of the port protocol). After a crash, a timeout or a fault of the protocol, which
 * end one case, it is started again for the next one.
 */
export class ProcessPort implements Port {
  id = 'port';
  readonly own = false;
  readonly tier = 'float32';
  readonly timeEstimate = null;
  readonly #command: readonly string[];
  readonly #version: string;
  readonly #options: PortOptions;
  readonly #onAbort = (): void => this.stop();
  #process: PortProcess | null = null;
  #hello: HelloReply | undefined;
  #failures = 0;
  readonly #faults: string[] = [];
  #stopped = false;

  /** @param version of Touchstone, which the port is told */
  constructor(command: string, version: string, options: PortOptions) {
    this.#command = wordsOf(command);
    this.#version = version;
    this.#options = options;
    if (options.signal?.aborted) this.#stopped = true;
    else options.signal?.addEventListener('abort', this.#onAbort);
  }

  get language(): PortLanguage | undefined {
    return this.#hello && languageNamed(this.#hello.port.language);
  }

  get layout(): Layout | undefined {
    return this.#hello?.layout;
  }

  async open(): Promise<Extract<Opened, { kind: 'ready' }>> {
    try {
      await this.#start();
    } catch (error) {
      if (!(error instanceof TouchstoneError)) throw error;
      const hint = 'Check that the command runs, and that the program answers "hello" as docs/port-protocol.md says.';
      throw new TouchstoneError(error.code, `the port cannot be opened: ${error.message}`, error.hint ?? hint);
    }
    const { port, methods } = this.#hello!;
    this.id = checkName(plainText(port.name, 100));
    return {
      kind: 'ready',
      name: this.id,
      version: plainText(port.version, 100),
      device: `process, ${plainText(port.language, 100)}`,
      precision: 'unknown',
      softwareRenderer: false,
      methods: methods.map((id) => plainText(id, 100)),
    };
  }

  async explain(request: ExplainRequest): Promise<ExplainAnswer> {
    const { methods } = this.#hello!;
    if (!methods.includes(request.method)) return { kind: 'skipped', reason: noMethod(request.method, methods) };
    try {
      if (this.#process === null) await this.#restart();
      const answer = answerOf(await this.#process!.runTwice(request, this.#options.deadlineMs), (fault) =>
        this.#faults.push(`${request.case ?? request.method}: ${fault}`),
      );
      this.#failures = 0;
      return answer;
    } catch (error) {
      if (!(error instanceof TouchstoneError)) throw error;
      await this.#drop(error);
      if (error.code === 'port-error') this.#faults.push(`${request.case ?? request.method}: ${error.message}`);
      const { code, hint } = error;
      return {
        kind: 'errored',
        code,
        reason: hint === undefined ? error.message : `${error.message}. ${hint}`,
        leaked: 0,
      };
    }
  }

  sketch = async (): Promise<null> => null;
  switchPoints = async (): Promise<null> => null;
  another = (): null => null;

  async finish(): Promise<string | null> {
    const last = this.#process;
    this.#process = null;
    try {
      await last?.bye(Math.min(this.#options.deadlineMs, minStartMs));
    } catch (error) {
      if (!(error instanceof TouchstoneError)) throw error;
      this.#faults.push(`at its end: ${error.message}`);
      await last?.end(error);
    }
    const [first, ...others] = this.#faults;
    if (first === undefined) return null;
    return others.length === 0 ? first : `${first} (and ${counted(others.length, 'more fault')})`;
  }

  stop(): void {
    this.#stopped = true;
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    void this.#process?.end(new TouchstoneError('process-crashed', 'stopped'));
  }

  async #start(): Promise<void> {
    if (this.#stopped) throw new TouchstoneError('process-crashed', 'stopped');
    const { deadlineMs, onPrinted } = this.#options;
    this.#process = new PortProcess(this.#command, onPrinted);
    const hello = await this.#process.hello(this.#version, Math.max(minStartMs, deadlineMs));
    const [now, before] = [hello, this.#hello ?? hello].map((one) => JSON.stringify({ ...one, nonce: undefined }));
    if (now !== before)
      throw new TouchstoneError('port-error', `the port says of itself ${now}, and said ${before} when it was opened`);
    this.#hello = hello;
  }

  async #restart(): Promise<void> {
    if (this.#failures >= maxFailures)
      throw new TouchstoneError(
        'process-crashed',
        `the port failed ${maxFailures} times in a row to start or to follow the protocol; it is given up`,
      );
    this.#failures++;
    await this.#start();
    this.#failures--;
  }

  /** After an error: the next case has a new process. */
  async #drop(error: TouchstoneError): Promise<void> {
    if (this.#process !== null && error.code === 'port-error') this.#failures++;
    await this.#process?.end(error);
    this.#process = null;
  }
}

/** @param onFault called with what the port did against the protocol, and survived */
function answerOf([first, second]: readonly Ran[], onFault: (fault: string) => void): ExplainAnswer {
  for (const ran of [first, second]) {
    if (ran === undefined || ran.status === 'ok') continue;
    if (first?.status === 'ok' && !ran.breaksProtocol) return { ...answeredOnce(first), ...unanswered(ran.reason) };
    if (ran.status === 'unsupported') return { kind: 'skipped', reason: ran.reason };
    if (ran.breaksProtocol) onFault(ran.reason);
    return { kind: 'errored', code: 'port-error', reason: ran.reason, leaked: 0 };
  }
  if (first?.status !== 'ok' || second?.status !== 'ok') throw new TouchstoneError('internal', 'no run was made');
  return { ...answeredOnce(first), unrepeated: firstDifferent(first.stages, second.stages) };
}

function answeredOnce({ stages, milliseconds }: Extract<Ran, { status: 'ok' }>): Answered {
  return { kind: 'answered', stages: { ...stages }, milliseconds, unrepeated: null, leaked: 0, peakBytes: null };
}
