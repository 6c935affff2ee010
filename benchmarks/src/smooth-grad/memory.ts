import { freemem } from 'node:os';

/** The largest share of the machine's free memory that a measurement may need. */
const share = 0.7;

export function fitsIntoMemory(bytes: number): boolean {
  return bytes <= share * freemem();
}
