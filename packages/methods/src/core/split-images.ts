/** A batch of images, shared among the workers of a pool. */
import type { HostTensor, Stages } from '@touchstone/contract';
import type { Method } from './method.js';
import { withClasses, type AskedTarget } from './target.js';
import type { WorkerPool } from './worker-pool.js';

/** For a method whose rows are independent: one part of the batch per worker, and the answers joined in order. */
export async function splitImages(
  pool: WorkerPool,
  method: Method,
  params: unknown,
  x: HostTensor,
  target: AskedTarget,
  stages?: readonly string[],
): Promise<Stages> {
  const images = x.shape[0]!;
  const each = Math.ceil(images / pool.size);
  const parts = Array.from({ length: Math.ceil(images / each) }, (_, i) => {
    const [from, to] = [i * each, Math.min((i + 1) * each, images)];
    return pool.run({
      method: method.id,
      x: rowsOf(x, from, to),
      target: target === 'likeliest' ? target : withClasses(target, (each) => each.slice(from, to)),
      params,
      stages,
    });
  });
  return joined(await allOf(parts));
}

/** All answers, or the first error after all have ended. */
async function allOf<T>(parts: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(parts);
  return settled.map((part) => {
    if (part.status === 'rejected') throw part.reason;
    return part.value;
  });
}

function rowsOf({ shape: [images, ...rest], data }: HostTensor, from: number, to: number): HostTensor {
  const row = data.length / images!;
  return { shape: [to - from, ...rest], data: data.slice(from * row, to * row) };
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
