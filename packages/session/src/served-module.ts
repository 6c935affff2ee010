import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { parse, TouchstoneError, type HostTensor, type Stages, messageOf, plainText } from '@touchstone/contract';
import { readNetworkFolder } from './network-folder.js';
import type { NetworkFolder } from './network-parts.js';
import { StageTensors } from './protocol.js';
import type { ExplainRequest } from './request.js';
import { Unsupported, type Ready } from './served.js';

type PortMethod = (job: object) => Promise<unknown>;

const PortModule = z.object({
  name: z.string().min(1).max(100),
  version: z.string().min(1).max(100),
  methods: z.record(
    z.string(),
    z.custom<PortMethod>((value) => typeof value === 'function', 'is not a function'),
  ),
});

/** Somebody's JavaScript module (way 1 of the port protocol), in this process. */
export async function serveModule(path: string): Promise<Ready> {
  const port = await importPort(path);
  let last: NetworkFolder | undefined;
  const networkIn = (folder: string): NetworkFolder => {
    if (last?.folder !== folder) last = readNetworkFolder(folder);
    return last;
  };
  return {
    kind: 'ready',
    name: plainText(port.name, 100),
    version: plainText(port.version, 100),
    device: 'module',
    precision: 'unknown',
    softwareRenderer: false,
    prepare: async (job) => void networkIn(job.networkFolder),
    run: async (job) => {
      const method = Object.hasOwn(port.methods, job.method) ? port.methods[job.method] : undefined;
      if (method === undefined) throw new Unsupported(`the port has no method "${job.method}"`);
      const network = networkIn(job.networkFolder);
      return checkAnswer(await callPort(method, jobForPort(job, network)), job.maxValues);
    },
    inside: null,
    tensors: () => 0,
    whyLost: () => null,
  };
}

async function importPort(path: string): Promise<z.infer<typeof PortModule>> {
  const hint =
    'its default export must be { name, version, methods: { "grad-cam": async (job) => ({ attribution }) } }';
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (error) {
    throw new TouchstoneError('port-error', `the port ${path} cannot be imported: ${messageOf(error)}`, hint);
  }
  return parse(PortModule, module.default, `the default export of the port ${path}`, 'port-error');
}

async function callPort(method: PortMethod, job: object): Promise<unknown> {
  try {
    return await method(job);
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === 'unsupported') throw new Unsupported(messageOf(error));
    throw new TouchstoneError('port-error', `the port threw: ${messageOf(error)}`);
  }
}

/** Inputs are copies: a port that writes into them spoils nobody's second run. */
function jobForPort(job: ExplainRequest, network: NetworkFolder): object {
  return {
    network,
    inputs: { x: copyOf(job.x) },
    target: structuredClone(job.target),
    params: structuredClone(job.params),
    fixtures: Object.fromEntries(Object.entries(job.fixtures).map(([name, tensor]) => [name, copyOf(tensor)])),
  };
}

function copyOf({ shape, data }: HostTensor): HostTensor {
  return { shape: [...shape], data: data.slice() };
}

/** A port's answer as stages; plain arrays of numbers are taken too. */
export function checkAnswer(answer: unknown, maxValues: number): Stages {
  if (typeof answer !== 'object' || answer === null)
    throw new TouchstoneError(
      'port-error',
      'the port returned no object of stages',
      'return { attribution: { data, shape } }',
    );
  let values = 0;
  const stages: Record<string, unknown> = {};
  for (const [name, tensor] of Object.entries(answer)) {
    const { data, shape } = (tensor ?? {}) as { data?: unknown; shape?: unknown };
    values += (data as ArrayLike<unknown> | undefined)?.length ?? 0;
    if (values > maxValues)
      throw new TouchstoneError(
        'port-error',
        `the port returned ${values} values or more; at most ${maxValues} are taken for this case`,
      );
    stages[name] = { shape, data: Array.isArray(data) ? Float64Array.from(data as number[]) : data };
  }
  return parse(StageTensors, stages, "the port's answer", 'port-error');
}
