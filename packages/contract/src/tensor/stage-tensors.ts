import type { HostTensor } from '../domain/index.js';
import { z } from 'zod';

/** A dense tensor in memory, which a port or another process gave. */
export const InMemoryTensor = z.custom<HostTensor>(
  isTensor,
  '"data" must be a Float32Array or Float64Array whose length is the product of "shape", at most 8 sizes',
);

function isTensor(value: unknown): boolean {
  const { shape, data } = (value ?? {}) as Partial<Record<keyof HostTensor, unknown>>;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return false;
  return isShapeOf(shape, data.length);
}

export function isShapeOf(shape: unknown, length: number): boolean {
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    return false;
  return shape.reduce((product: number, size: number) => product * size, 1) === length;
}

/** Stage → tensor. */
export const StageTensors = z.record(z.string().max(300), InMemoryTensor);
