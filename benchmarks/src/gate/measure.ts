/** One block of the gate: two fresh processes of base and two of head, which take turns. */
import { join } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';
import { z } from 'zod';
import { LineServer } from '../line-server.js';
import { controlRound } from './control.js';
import type { Block } from './statistics.js';

/** A program that times a unit: see serve-turns.ts. */
export interface Program {
  /** The file, and what it is given. */
  readonly args: (unit: Unit) => readonly string[];
  readonly env?: Record<string, string>;
}

/** Of a checkout whose benchmarks are built. */
export function programOf(root: string, env: Record<string, string> = {}): Program {
  const file = join(root, 'benchmarks', 'dist', 'gate', 'unit.js');
  return { args: ({ benchmark, backend }) => [file, benchmark, backend], env };
}

export interface Unit {
  readonly benchmark: string;
  readonly backend: string;
}

/** The same block by both clocks, and a round of the control for each of theirs. */
export interface MeasuredBlock {
  readonly wall: Block;
  /** null: not known, as in a page. */
  readonly processor: Block | null;
  readonly control: Block;
}

const Ready = z.object({ ready: z.literal(true) });
const Time = z.object({
  milliseconds: z.number().positive(),
  processorMilliseconds: z.number().nonnegative().nullable(),
});
type Time = z.infer<typeof Time>;

const deadlineMs = 120_000;
/** Shorter rounds suffer from the clock's resolution, longer ones from other programs. */
const roundMs = 15;
const warmUps = 3;

export interface BlockOptions {
  readonly rounds: number;
  readonly signal?: AbortSignal | undefined;
}

/** The number of turns per round, measured in a process of head. */
export async function turnsPerRound(head: Program, unit: Unit, signal?: AbortSignal): Promise<number> {
  const server = await start(head, unit);
  return whileRunning([server], signal, async () => {
    const times: number[] = [];
    for (let i = 0; i < 2 * warmUps; i++) times.push((await ask(server, 1)).milliseconds);
    return Math.max(1, Math.round(roundMs / Math.min(...times)));
  });
}

export async function measureBlock(
  base: Program,
  head: Program,
  unit: Unit,
  turns: number,
  { rounds, signal }: BlockOptions,
): Promise<MeasuredBlock> {
  // `allSettled`, so that those that did start are ended.
  const started = await Promise.allSettled([base, head, head, base].map((program) => start(program, unit)));
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return whileRunning(servers, signal, async () => {
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    return inTurn(servers, turns, rounds);
  });
}

async function inTurn(servers: readonly LineServer[], turns: number, rounds: number): Promise<MeasuredBlock> {
  const times: Time[][] = servers.map(() => []);
  const control: number[][] = servers.map(() => []);
  for (let round = -warmUps; round < rounds; round++) {
    // A B B A, then B A A B: both sides have every place in the order equally often.
    for (const which of round % 2 === 0 ? [0, 1, 2, 3] : [1, 0, 3, 2]) {
      const time = await ask(servers[which]!, turns);
      const ofControl = controlRound();
      if (round < 0) continue;
      times[which]!.push(time);
      control[which]!.push(ofControl);
    }
  }
  const known = times
    .flat()
    .every(({ processorMilliseconds }) => processorMilliseconds !== null && processorMilliseconds > 0);
  return {
    wall: blockOf(times.map((row) => row.map(({ milliseconds }) => milliseconds))),
    processor: known
      ? blockOf(times.map((row) => row.map(({ processorMilliseconds }) => processorMilliseconds!)))
      : null,
    control: blockOf(control),
  };
}

/** Ends the servers after the work, and in the middle of it where the signal is aborted. */
async function whileRunning<T>(
  servers: readonly LineServer[],
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const end = (): Promise<unknown> => Promise.all(servers.map((server) => server.end()));
  if (signal?.aborted) await end();
  signal?.throwIfAborted();
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await work();
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', end);
    await end();
  }
}

/** @param rows milliseconds of base, head, head, base */
function blockOf(rows: readonly (readonly number[])[]): Block {
  const [a, b, d, c] = rows.map((row) => row.map(Math.log)) as [number[], number[], number[], number[]];
  return { base: [a, c], head: [b, d] };
}

async function start({ args, env = {} }: Program, unit: Unit): Promise<LineServer> {
  const program = {
    command: process.execPath,
    args: args(unit),
    env,
    name: `the benchmark ${unit.benchmark} on ${unit.backend}`,
  };
  try {
    return (await LineServer.start(program, Ready)).server;
  } catch (error) {
    if (!(error instanceof TouchstoneError)) throw error;
    throw new TouchstoneError('port-error', error.message, error.hint ?? `Check the build of ${program.args[0]}.`);
  }
}

function ask(server: LineServer, turns: number): Promise<Time> {
  return server.ask({ turns }, Time, deadlineMs);
}
