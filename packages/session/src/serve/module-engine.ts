import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import {
  messageOf,
  nearName,
  parse,
  plainText,
  TouchstoneError,
  type HostTensor,
  type Stages,
} from '@touchstone/contract';
import { checkFile, maxBytes } from '@touchstone/system';
import { readNetworkFolder } from '../network/network-folder.js';
import type { NetworkFolder } from '../network/network-parts.js';
import { StageTensors, type SessionInfo } from '../protocol.js';
import type { ExplainRequest } from '../request.js';
import { Unsupported, type Engine, type Explained } from './engine.js';

type PortMethod = (job: object) => Promise<unknown>;

const PortModule = z.object({
  name: z.string().min(1).max(100),
  version: z.string().min(1).max(100),
  methods: z.record(
    z.string(),
    z.custom<PortMethod>((value) => typeof value === 'function', 'is not a function'),
  ),
});
type PortModule = z.infer<typeof PortModule>;

/** A port that is a JavaScript module (way 1 of the port protocol), in this process. */
export class ModuleEngine implements Engine {
  readonly info: SessionInfo;
  readonly diagnose = null;
  readonly #methods: PortModule['methods'];
  #loaded: NetworkFolder | undefined;

  private constructor({ name, version, methods }: PortModule) {
    this.#methods = methods;
    this.info = {
      name: plainText(name, 100),
      version: plainText(version, 100),
      device: 'module',
      precision: 'unknown',
      softwareRenderer: false,
      methods: Object.keys(methods).map((id) => plainText(id, 100)),
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
    const network = this.#network(request.networkFolder);
    return { stages: readAnswer(await callPort(method, jobForPort(request, network)), request.maxValues) };
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
    const hint = /\.[cm]?tsx?$/.test(path) ? 'Compile it to JavaScript.' : `Run "node ${path}" to see where it fails.`;
    throw new TouchstoneError('port-error', `the port ${path} cannot be imported: ${messageOf(error)}`, hint);
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

function noMethod(asked: string, known: readonly string[]): string {
  const meant = nearName(asked, known);
  const instead = meant === null ? '' : `, but "${plainText(meant, 100)}"`;
  return `the port has no method "${asked}"${instead}`;
}

async function callPort(method: PortMethod, job: object): Promise<unknown> {
  try {
    return await method(job);
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === 'unsupported') throw new Unsupported(messageOf(error));
    // Where in the port, for whoever wrote it: what this process prints is passed on.
    if (error instanceof Error) process.stderr.write(`${error.stack}\n`);
    throw new TouchstoneError('port-error', `the port threw: ${messageOf(error)}`);
  }
}

/** Everything is a copy: a port that writes into it does not spoil its later runs. */
function jobForPort({ x, target, params, fixtures }: ExplainRequest, network: NetworkFolder): object {
  const { folder, description, weights } = network;
  return {
    network: { folder, description: structuredClone(description), weights: copiesOf(weights) },
    inputs: { x: copyOf(x) },
    target: structuredClone(target),
    params: structuredClone(params),
    fixtures: copiesOf(fixtures),
  };
}

function copiesOf(tensors: Readonly<Record<string, HostTensor>>): Record<string, HostTensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, copyOf(tensor)]));
}

function copyOf({ shape, data }: HostTensor): HostTensor {
  return { shape: [...shape], data: data.slice() };
}

/** Reading runs the port's code too, where a field is a getter. */
function readAnswer(answer: unknown, maxValues: number): Stages {
  try {
    return checkAnswer(answer, maxValues);
  } catch (error) {
    if (error instanceof TouchstoneError) throw error;
    throw new TouchstoneError('port-error', `the port's answer cannot be read: ${messageOf(error)}`);
  }
}

/** A port's answer as stages; plain arrays of numbers are taken too. */
export function checkAnswer(answer: unknown, maxValues: number): Stages {
  if (typeof answer !== 'object' || answer === null)
    throw new TouchstoneError(
      'port-error',
      'the port returned no object of stages',
      'Return { attribution: { data, shape } }.',
    );
  let values = 0;
  const stages: Record<string, unknown> = {};
  for (const [name, tensor] of Object.entries(answer)) {
    const { data, shape } = (tensor ?? {}) as { data?: unknown; shape?: unknown };
    values += (data as ArrayLike<unknown> | undefined)?.length ?? 0;
    if (values > maxValues)
      throw new TouchstoneError(
        'port-error',
        `the port returned ${values} values or more; at most ${maxValues} are accepted for this case`,
      );
    stages[name] = { shape, data: Array.isArray(data) ? Float64Array.from(data as number[]) : data };
  }
  return parse(StageTensors, stages, "the port's answer", 'port-error');
}
