/** Whether a port is slower than it was, method by method. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openGolden, openPortSession } from '@touchstone/harness';
import { findMethod } from '@touchstone/methods';
import { TouchstoneError } from '@touchstone/contract';
import { isQuickOf } from '../methods/quick-case.js';
import { rowOf, type GateRow } from './gate.js';
import { judgeUnit, type GateOptions } from './judge-unit.js';
import type { Program, Unit } from './measure.js';
import { withPortVersion, type PlacedPort, type PortVersionOptions } from './port-version.js';

export interface PortGateRequest extends PortVersionOptions, Omit<GateOptions, 'onProgress' | 'signal'> {
  readonly port: string;
  /** What the port is compared with, and what it is compared as: see `withPortVersion`. */
  readonly base: string;
  readonly head?: string | undefined;
  readonly golden: string;
  /** Methods; undefined: those that the port has. */
  readonly benchmarks?: readonly string[] | undefined;
  readonly onProgress: (message: string) => void;
}

const unitFile = fileURLToPath(new URL('../../dist/gate/port-unit.js', import.meta.url));

/** @throws TouchstoneError where there is no base, or base or head does not answer */
export async function gatePort(request: PortGateRequest): Promise<GateRow[]> {
  request.benchmarks?.forEach(findMethod);
  return withPortVersion(
    request.base,
    request.port,
    (base) => withPortVersion(request.head, request.port, (head) => measure(base, head, request), request),
    request,
  );
}

async function measure(base: PlacedPort, head: PlacedPort, request: PortGateRequest): Promise<GateRow[]> {
  const { golden } = request;
  const { name, methods } = await asked(head, request);
  const cases = openGolden(golden).cases;
  const timed = (request.benchmarks ?? methods).filter((id) => cases.some(isQuickOf(id)));
  if (timed.length === 0)
    throw new TouchstoneError('usage', `${name} has no method that can be timed`, 'Name one with --benchmark.');
  const programOf = ({ port, folder }: PlacedPort): Program => ({
    args: ({ benchmark }) => [unitFile, benchmark, port, folder, resolve(golden)],
  });
  const rows: GateRow[] = [];
  for (const benchmark of timed) {
    const unit: Unit = { benchmark, backend: name };
    rows.push(rowOf(await judgeUnit(programOf(base), programOf(head), unit, request)));
  }
  return rows;
}

/** What the port says of itself. */
async function asked({ port }: PlacedPort, { signal }: PortGateRequest) {
  const session = await openPortSession(port, { signal });
  try {
    return { name: session.info.name, methods: session.info.methods ?? [] };
  } finally {
    await session.close();
  }
}
