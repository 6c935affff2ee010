/** One method's quick case, ready to be run over and over: in this process where the backend can, for a second one doubles the cost of a start. */
import { fileURLToPath } from 'node:url';
import { findBackend } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import { openGolden, requestFor } from '@touchstone/harness';
import { readNetworkFolder, type ExplainRequest } from '@touchstone/session';
import { explain, findMethod } from '@touchstone/methods';
import { loadNetwork } from '@touchstone/network';
import { EngineClock } from '../engine-clock.js';
import { quickCase } from '../methods/quick-case.js';

export interface Time {
  readonly milliseconds: number;
  /** Of all threads; null: the engine's home does not know. */
  readonly processorMilliseconds: number | null;
}

export interface Turns {
  readonly turn: () => Promise<Time>;
  readonly stop: () => void;
}

const golden = fileURLToPath(new URL('../../../golden', import.meta.url));
const deadlineMs = 60_000;

/** @throws TouchstoneError `unknown-name`, `backend-unavailable`, `unsupported` */
export async function openTurns(method: string, id: string): Promise<Turns> {
  const store = openGolden(golden);
  const job = requestFor(store, quickCase(store.cases, findMethod(method).id));
  return findBackend(id).homes[0] === 'process' ? hereTurns(job, id) : hostTurns(job, id);
}

async function hereTurns(job: ExplainRequest, id: string): Promise<Turns> {
  const backend = findBackend(id);
  const found = await backend.probe();
  if (found.status === 'unavailable') throw new TouchstoneError('backend-unavailable', `${id}: ${found.reason}`);
  await backend.open();
  const { description, weights } = readNetworkFolder(job.networkFolder);
  const network = loadNetwork(description, weights);
  const method = findMethod(job.method);
  return { turn: () => timed(() => explain(method, { ...job, network })), stop: () => network.dispose() };
}

async function hostTurns(job: ExplainRequest, id: string): Promise<Turns> {
  const engine = await EngineClock.open(id, { deadlineMs });
  return { turn: () => engine.time(job, 'ours'), stop: () => engine.stop() };
}

/** By both clocks of this process. */
export async function timed(run: () => unknown): Promise<Time> {
  const [start, used] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(used);
  return { milliseconds: performance.now() - start, processorMilliseconds: (user + system) / 1000 };
}
