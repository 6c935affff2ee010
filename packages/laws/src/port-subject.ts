/** A port as a subject of laws: its session is asked the requests, and it reads the networks from files. */
import { oracleBackend } from '@touchstone/backends';
import { TouchstoneError, type HostTensor, type NetworkDescription, type Stages } from '@touchstone/contract';
import { findMethod, nameModules, parametersOf, type Method } from '@touchstone/methods';
import { NetworkScratch, type Session } from '@touchstone/session';
import { Unanswered, type Loaded, type Request, type Subject } from './law.js';

/** An opened port. */
export type PortSession = Pick<Session, 'info' | 'explain' | 'close'>;

/** Limit for one request: the networks are tiny. */
const deadlineMs = 60_000;
/** Tiny networks, a few images, and every stage of a few steps. */
const maxValues = 2_000_000;

interface PortNetwork extends Loaded {
  readonly folder: string;
}

/**
 * Opens the oracle in this process as well, where our own methods show how near an example is to a switch point.
 * `close` closes the port's session too.
 */
export async function openPortSubject(port: PortSession): Promise<{ subject: Subject; close(): Promise<void> }> {
  await oracleBackend.open();
  const scratch = new NetworkScratch();
  const subject: Subject = {
    name: port.info.name,
    precision: 'float32',
    deterministic: true,
    inside: null,
    load: (generated): PortNetwork => {
      const { folder, remove } = scratch.write(generated);
      return { generated, network: null, folder, dispose: remove };
    },
    explain: (method, loaded, request) => ask(port, findMethod(method), loaded as PortNetwork, request),
  };
  const close = async (): Promise<void> => {
    scratch.close();
    await port.close();
  };
  return { subject, close };
}

async function ask(
  port: PortSession,
  method: Method,
  { folder: networkFolder, generated }: PortNetwork,
  request: Request,
): Promise<Stages> {
  const { x, target, noise, fixtures = {} } = request;
  const params = paramsOf(method, request, generated.description);
  const given = Object.entries({ ...fixtures, ...(noise && { noise }) }).filter(([name]) =>
    method.fixtures.includes(name),
  );
  const answer = await port.explain(
    {
      method: method.id,
      networkFolder,
      x: rounded(x),
      target,
      params,
      fixtures: Object.fromEntries(given.map(([name, tensor]) => [name, rounded(tensor)])),
      maxValues,
    },
    { deadlineMs },
  );
  if (answer.kind === 'skipped') throw new Unanswered(answer.reason);
  if (answer.kind === 'errored') throw new TouchstoneError(answer.code, answer.reason, answer.hint);
  if (answer.unanswered !== undefined)
    throw new TouchstoneError('port-error', `a second run had no answer: ${answer.unanswered}`);
  return withReduced(method, params, answer.stages);
}

/**
 * All parameters, with modules by their names, as in a case. Not reduced where that is not said, so that `attribution`
 * has the whole gradient.
 */
function paramsOf(
  method: Method,
  { params = {}, x }: Request,
  description: NetworkDescription,
): Record<string, unknown> {
  const reduces = parametersOf(method).some(({ name }) => name === 'reduce');
  const given = { ...(reduces && { reduce: 'none' }), ...params };
  return nameModules(method, given, description, x.shape, `the parameters of ${method.id}`);
}

/** Not reduced, `attribution` is the stage before it: a port need not give both. */
function withReduced(method: Method, params: Record<string, unknown>, stages: Stages): Stages {
  const { attribution } = stages;
  if (params['reduce'] !== 'none' || attribution === undefined) return stages;
  const before = Object.keys(method.stages).findLast((name) => name !== 'display' && name !== 'attribution')!;
  return { [before]: attribution, ...stages };
}

/** Ports are given float32, as cases store it. */
function rounded({ shape, data }: HostTensor): HostTensor {
  return { shape, data: Float32Array.from(data) };
}
