import { freemem } from 'node:os';

/** The largest part of the machine's free memory that anything may be expected to take. */
const share = 0.7;

export function fitsIntoMemory(bytes: number): boolean {
  return bytes <= share * freemem();
}
