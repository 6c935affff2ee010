import { pathToFileURL } from 'node:url';
import { messageOf, parse, plainText, TouchstoneError } from '@touchstone/contract';
import { noMethod, openJob, PortModule, readAnswer, type PortJob } from '@touchstone/port';
import { checkFile, maxBytes } from '@touchstone/system';
import { readNetworkFolder } from '../network/network-folder.js';
import type { NetworkFolder } from '../network/network-parts.js';
import type { SessionInfo } from '../protocol.js';
import type { ExplainRequest } from '../request.js';
import { Unsupported, type Engine, type Explained } from './engine.js';

/** A port that is a JavaScript module (way 1 of the port protocol), in this process. */
export class ModuleEngine implements Engine {
  readonly info: SessionInfo;
  readonly diagnose = null;
  readonly #methods: PortModule['methods'];
  readonly #form: Pick<PortModule, 'layout' | 'dtype'>;
  #loaded: NetworkFolder | undefined;

  private constructor({ name, version, methods, layout, dtype }: PortModule) {
    this.#methods = methods;
    this.#form = { layout, dtype };
    this.info = {
      name: plainText(name, 100),
      version: plainText(version, 100),
      device: 'module',
      precision: 'unknown',
      softwareRenderer: false,
      methods: Object.keys(methods).map((id) => plainText(id, 100)),
      layout,
    };
  }

  /** @throws TouchstoneError `port-error` */
  static async open(path: string): Promise<ModuleEngine> {
    return new ModuleEngine(await importPort(path));
  }

  async load(network: string | NetworkFolder): Promise<void> {
    this.#network(network);
  }

  async explain(request: ExplainRequest): Promise<Explained> {
    const method = Object.hasOwn(this.#methods, request.method) ? this.#methods[request.method] : undefined;
    if (method === undefined) throw new Unsupported(noMethod(request.method, Object.keys(this.#methods)));
    const { job, close } = openJob(request, this.#network(request.networkFolder), this.#form);
    try {
      const answer = await callPort(method, job);
      return { stages: await readAnswer(answer, request.maxValues, this.#form.layout) };
    } finally {
      close();
    }
  }

  tensors(): number {
    return 0;
  }

  async close(): Promise<void> {
    this.#loaded = undefined;
  }

  #network(asked: string | NetworkFolder): NetworkFolder {
    if (typeof asked !== 'string') return (this.#loaded = asked);
    if (this.#loaded?.folder !== asked) this.#loaded = readNetworkFolder(asked);
    return this.#loaded;
  }
}

async function importPort(path: string): Promise<PortModule> {
  let module: { default?: unknown };
  try {
    checkFile(path, maxBytes.json, 'port-error');
    module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (error) {
    throw new TouchstoneError(
      'port-error',
      `the port ${path} cannot be imported: ${messageOf(error)}`,
      hintFor(path, error),
    );
  }
  const label = `the default export of the port ${path}`;
  const hint = 'Export by default { name, version, methods: { "grad-cam": async (job) => ({ attribution }) } }.';
  try {
    return parse(PortModule, module.default, label, 'port-error', hint);
  } catch (error) {
    if (error instanceof TouchstoneError) throw error;
    throw new TouchstoneError('port-error', `${label} cannot be read: ${messageOf(error)}`, hint);
  }
}

function hintFor(path: string, error: unknown): string {
  const missing = /^Cannot find package '([^']+)'/.exec(messageOf(error))?.[1];
  if (missing !== undefined)
    return `Run "npm install ${missing}" in the folder of the port: its libraries are installed next to it.`;
  const message = messageOf(error);
  if (/module '\.[^']*' is a CommonJS module|outside a module|Unexpected token 'export'/.test(message))
    return 'Name its files .mjs, or write "type": "module" into the package.json of its folder.';
  return /\.[cm]?tsx?$/.test(path) ? 'Compile it to JavaScript.' : `Run "node ${path}" to see where it fails.`;
}

/** The message, and the frames of the port's own code; all frames where it has none. */
function ownFrames({ stack = '' }: Error): string {
  const lines = stack.split('\n');
  const own = lines.filter(
    (line) => /^ +at /.test(line) && !/node_modules|node:|\/packages\/session\/|<anonymous>\)?$/.test(line),
  );
  return own.length === 0 ? stack : [...lines.filter((line) => !/^ +at /.test(line)), ...own].join('\n');
}

async function callPort(method: PortModule['methods'][string], job: PortJob): Promise<unknown> {
  try {
    return await method(job);
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === 'unsupported') throw new Unsupported(messageOf(error));
    // Where in the port, for whoever wrote it: what this process prints is passed on.
    if (error instanceof Error) process.stderr.write(`${ownFrames(error)}\n`);
    throw new TouchstoneError('port-error', `the port threw: ${messageOf(error)}`);
  }
}
