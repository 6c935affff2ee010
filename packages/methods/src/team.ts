/** Work shared out among engines that run side by side, each with the same network. */
import {
  TouchstoneError,
  type HostTensor,
  type NetworkDescription,
  type Stages,
  type Target,
} from '@touchstone/contract';
import type { Explanation } from './explain.js';
import type { Method } from './method.js';

/** A method on some pictures, for one engine. */
export interface WorkItem {
  readonly method: string;
  /** [N,C,H,W] */
  readonly x: HostTensor;
  readonly target: Target;
  readonly params: unknown;
  /** The stages that are wanted; left out: all. */
  readonly stages?: readonly string[] | undefined;
}

/** Single-threaded engines beside the one that asks. They give the bits that it would give itself. */
export interface WorkerPool {
  /** How many there are. */
  readonly size: number;
  /** What they have loaded. Hooks and rules that somebody put on a network of his own are not among it. */
  readonly network: NetworkDescription;
  /** The answer of the next engine that is free. Errors are those of `explain`, and `host-crashed` where an engine ended. */
  run(share: WorkItem): Promise<Stages>;
}

/** @throws `internal` where the pool has another network */
export function checkPool({ pool, network }: Explanation): void {
  if (pool && pool.network !== network.description) {
    throw new TouchstoneError(
      'internal',
      `the pool has loaded ${pool.network.name}, not this ${network.description.name}`,
      'Open a pool with the description and weights of the network that is explained.',
    );
  }
}

/** A method whose rows know nothing of each other: the batch in as many parts as there are engines, and the answers one after another. */
export async function spreadImages(
  method: Method,
  params: unknown,
  { x, target }: Explanation,
  pool: WorkerPool,
  stages?: readonly string[],
): Promise<Stages> {
  const pictures = x.shape[0]!;
  const each = Math.ceil(pictures / pool.size);
  const parts = Array.from({ length: Math.ceil(pictures / each) }, (_, i) => {
    const [from, to] = [i * each, Math.min((i + 1) * each, pictures)];
    return pool.run({ method: method.id, x: rowsOf(x, from, to), target: targetOf(target, from, to), params, stages });
  });
  return joined(await allOf(parts));
}

/** All answers, or the first error once none is under way any more. */
export async function allOf<T>(parts: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(parts);
  return settled.map((part) => {
    if (part.status === 'rejected') throw part.reason;
    return part.value;
  });
}

function rowsOf({ shape: [pictures, ...rest], data }: HostTensor, from: number, to: number): HostTensor {
  const row = data.length / pictures!;
  return { shape: [to - from, ...rest], data: data.slice(from * row, to * row) };
}

function targetOf(target: Target, from: number, to: number): Target {
  return 'class' in target && Array.isArray(target.class) ? { class: target.class.slice(from, to) } : target;
}

function joined(parts: readonly Stages[]): Stages {
  const names = Object.keys(parts[0]!);
  return Object.fromEntries(names.map((name) => [name, joinedRows(parts.map((part) => part[name]!))]));
}

function joinedRows(parts: readonly HostTensor[]): HostTensor {
  const [first] = parts as [HostTensor];
  const data = new (first.data.constructor as Float32ArrayConstructor)(
    parts.reduce((sum, part) => sum + part.data.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { shape: [parts.reduce((sum, { shape }) => sum + shape[0]!, 0), ...first.shape.slice(1)], data };
}
