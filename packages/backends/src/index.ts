import { unknownName } from '@touchstone/contract';
import type { Backend } from './backend.js';
import { cpu } from './cpu.js';
import { cuda } from './cuda.js';
import { float64 } from './float64/index.js';
import { pageBackends } from './page.js';
import { tensorflow } from './tensorflow.js';
import { wasm } from './wasm.js';

export type { Availability, Backend, Runtime } from './backend.js';
export { registerStockGradients } from './stock-gradients.js';

/** All backends, in the order in which they are listed. */
export const backends: readonly Backend[] = [cpu, wasm, float64, tensorflow, cuda, ...pageBackends];

/** The backend that confirms goldens, and arbitrates at switch points: double precision, deterministic. */
export const oracleBackend: Backend = float64;

/** The fastest that runs everywhere in single precision: its own error is the measure of what rounding does. */
export const singleBackend: Backend = wasm;

/** @throws TouchstoneError `unknown-name`, with the nearest known */
export function findBackend(id: string): Backend {
  const found = backends.find((backend) => backend.id === id);
  if (!found)
    throw unknownName(
      'backend',
      id,
      backends.map((backend) => backend.id),
    );
  return found;
}
