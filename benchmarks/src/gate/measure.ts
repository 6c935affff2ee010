/** One block of the gate: two fresh processes of base and two of head, which take turns. */
import { join } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';
import { z } from 'zod';
import { LineServer } from '../line-server.js';
import { controlRound } from './control.js';
import type { Block } from './statistics.js';

/** A checkout whose benchmark program is built. */
export interface Program {
  readonly root: string;
  /** See unit.ts. */
  readonly env?: Record<string, string>;
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
export async function turnsPerRound(head: Program, unit: Unit): Promise<number> {
  const server = await start(head, unit);
  try {
    const times: number[] = [];
    for (let i = 0; i < 2 * warmUps; i++) times.push((await ask(server, 1)).milliseconds);
    return Math.max(1, Math.round(roundMs / Math.min(...times)));
  } finally {
    await server.end();
  }
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
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    const times: Time[][] = servers.map(() => []);
    const control: number[][] = servers.map(() => []);
    for (let round = -warmUps; round < rounds; round++) {
      signal?.throwIfAborted();
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
  } finally {
    await Promise.all(servers.map((server) => server.end()));
  }
}

/** @param rows milliseconds of base, head, head, base */
function blockOf(rows: readonly (readonly number[])[]): Block {
  const [a, b, d, c] = rows.map((row) => row.map(Math.log)) as [number[], number[], number[], number[]];
  return { base: [a, c], head: [b, d] };
}

async function start({ root, env = {} }: Program, { benchmark, backend }: Unit): Promise<LineServer> {
  const program = {
    command: process.execPath,
    args: [join(root, 'benchmarks', 'dist', 'gate', 'unit.js'), benchmark, backend],
    env,
    name: `the benchmark ${benchmark} on ${backend}`,
  };
  try {
    return (await LineServer.start(program, Ready)).server;
  } catch (error) {
    if (!(error instanceof TouchstoneError)) throw error;
    throw new TouchstoneError('port-error', error.message, error.hint ?? `Check the build in ${root}.`);
  }
}

function ask(server: LineServer, turns: number): Promise<Time> {
  return server.ask({ turns }, Time, deadlineMs);
}
