import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { backends } from '@touchstone/backends';
import { TouchstoneError, type Header, messageOf, type Part } from '@touchstone/contract';
import { machine } from '@touchstone/system';
import { readExpectations, readPortExpectations, type ExpectationFile } from '../golden/expectations.js';
import { backendPort } from '../port/backend-port.js';
import { filesPort } from '../port/files-port.js';
import { foreignPort } from '../port/foreign-port.js';
import type { Opened, Port } from '../port/port.js';
import { commandOf } from '../port/process/process-port.js';
import type { PortOptions } from '../port/session-port.js';
import { ownVersion } from '../own-version.js';
import { glob, selectNames } from './selection.js';

/** What is judged. */
export interface PortChoice {
  /** Our backends, with `*`; undefined: all available ones except those that only a software renderer provides. */
  readonly backends?: readonly string[] | undefined;
  /** Backends that must be available, with `*`. */
  readonly require?: readonly string[] | undefined;
  /** Instead of our backends: the path of a port that is a JavaScript module, or `cmd:` and a command line. */
  readonly port?: string | undefined;
  /** Instead of our backends: the folder with the answers of a port. */
  readonly outputs?: string | undefined;
  /** With `port` or `outputs`: the file with its known failures; left out: `expectations.jsonc` next to the module. */
  readonly expectations?: string | undefined;
  /** With `outputs`: cases without an answer are skipped; otherwise they are errors. */
  readonly partial?: boolean | undefined;
}

/** A port, and the result of opening it. */
export interface OpenedPort {
  readonly port: Port;
  readonly state: Opened;
}

/**
 * Opens all chosen ports at the same time. `leftOut`: ids of backends that only run when named.
 * @param cases ids of the cases that are judged
 */
export async function openPorts(
  choice: PortChoice,
  cases: readonly string[],
  limits: PortOptions,
  started: Port[],
): Promise<{ opened: OpenedPort[]; leftOut: string[] }> {
  started.push(...portsOf(choice, cases, limits));
  const opened = await Promise.all(started.map(async (port) => ({ port, state: await open(port) })));
  const isLeftOut = ({ port: { own, id }, state }: OpenedPort): boolean =>
    own && choice.backends === undefined && !isRequired(choice, id) && state.kind === 'ready' && state.softwareRenderer;
  const leftOut = opened.filter(isLeftOut).map(({ port }) => port);
  for (const port of leftOut) port.stop();
  return { opened: opened.filter((one) => !isLeftOut(one)), leftOut: leftOut.map(({ id }) => id) };
}

/**
 * Ends the ports after their last case. What they did against the rules of ports, so that the run is not complete
 * whatever they answered.
 */
export async function faultsOf(ports: readonly Port[]): Promise<string[]> {
  const faults = await Promise.all(
    ports.map(async (port) => {
      const fault = await port.finish();
      return fault === null ? [] : [`${port.id}: ${fault}`];
    }),
  );
  return faults.flat();
}

/** Without opening anything. @throws TouchstoneError for a choice that cannot be opened, whatever the cases */
export function checkChoice(choice: PortChoice): void {
  portsOf(choice, null, { deadlineMs: 0 });
  portExpectations(choice);
}

/** The known failures of golden/, and those of the port. @throws TouchstoneError `usage`, `bad-input` */
export function expectationFiles(goldenRoot: string, choice: PortChoice): ExpectationFile[] {
  return [readExpectations(goldenRoot), ...portExpectations(choice)];
}

function portExpectations({ port, outputs, expectations }: PortChoice): ExpectationFile[] {
  const foreign = port ?? outputs;
  if (expectations !== undefined && foreign === undefined)
    throw new TouchstoneError(
      'usage',
      '--expectations needs --port or --outputs',
      'List known failures of our backends in golden/expectations.jsonc.',
    );
  const nextTo = port === undefined || commandOf(port) !== null ? null : join(dirname(port), 'expectations.jsonc');
  const file = expectations ?? (nextTo !== null && existsSync(nextTo) ? nextTo : null);
  return file === null ? [] : [readPortExpectations(file)];
}

/** Whether one of our backends has to be available. */
export function isRequired({ require = [] }: Pick<PortChoice, 'require'>, id: string): boolean {
  return require.some((pattern) => glob(pattern)(id));
}

/** @param cases null: it is not asked whether outputs have one of them */
function portsOf(
  { backends: asked, require = [], port, outputs, partial = false }: PortChoice,
  cases: readonly string[] | null,
  limits: PortOptions,
): Port[] {
  const ours = asked ?? (require.length > 0 ? require : undefined);
  if ([ours, port, outputs].filter((choice) => choice !== undefined).length > 1) {
    throw new TouchstoneError(
      'usage',
      '--backend or --require, --port and --outputs exclude each other',
      'Give only one of them.',
    );
  }
  if (outputs !== undefined) return [filesPort(outputs, { cases, partial })];
  if (port !== undefined) return [foreignPort(port, limits)];
  const ids = backends.map((backend) => backend.id);
  return selectNames('backend', ids, [...(asked ?? ids), ...require]).map((id) => backendPort(id, limits));
}

/** A foreign port that fails to open ends the run; one of our backends becomes unavailable. */
async function open(port: Port): Promise<Opened> {
  try {
    return await port.open();
  } catch (error) {
    if (!port.own) throw error;
    return { kind: 'unavailable', reason: messageOf(error) };
  }
}

/** @param golden hash of golden/manifest.json @param given options of the command */
export function headerOf(
  golden: string,
  opened: readonly OpenedPort[],
  { given, part }: { readonly given?: Header['given'] | undefined; readonly part?: Part | undefined },
): Header {
  const running = opened.flatMap(({ port, state }) => (state.kind === 'ready' ? [{ ...state, port }] : []));
  const other = running.find(({ port }) => !port.own);
  return {
    kind: 'header',
    version: 2,
    touchstone: ownVersion,
    started: new Date().toISOString(),
    golden,
    port: { name: other?.name ?? 'touchstone', version: other?.version ?? ownVersion },
    ...(given !== undefined && { given }),
    backends: running.map(({ port: { id }, device, precision, softwareRenderer }) => ({
      id,
      device,
      precision,
      softwareRenderer,
    })),
    unavailable: opened.flatMap(({ port: { id }, state }) =>
      state.kind === 'unavailable' ? [{ id, reason: state.reason }] : [],
    ),
    machine: `${machine()}, Node ${process.version}`,
    ...(part !== undefined && { plan: part }),
  };
}
