/** About how long a case takes on a backend. */
import { readFileSync } from 'node:fs';
import type { Port } from '../port/port.js';

/** Loading, sending and comparing a case, in seconds. */
const overhead = 0.05;
/** A case runs twice. */
const runs = 2;

/** Case → backend → seconds, as tools/harness/case-seconds.mjs measured them: both runs, loading and comparing. */
const { cases: measured } = JSON.parse(
  readFileSync(new URL('../../src/run/case-seconds.json', import.meta.url), 'utf8'),
) as CaseSeconds;

export interface CaseSeconds {
  readonly machine: string;
  readonly cases: Readonly<Record<string, Readonly<Record<string, number>> | undefined>>;
}

export interface Expected {
  readonly seconds: number;
  /** Measured, or so large that the multiply-adds decide; false: it may take much longer than the other small ones. */
  readonly isKnown: boolean;
}

/** @param multiplyAdds of one run; 0: not counted */
export function expectedSeconds(
  id: string,
  multiplyAdds: number,
  { id: backend, own, timeEstimate }: Pick<Port, 'id' | 'own' | 'timeEstimate'>,
): Expected {
  const seconds = own ? measured[id]?.[backend] : undefined;
  if (seconds !== undefined) return { seconds, isKnown: true };
  // How fast a port is, is not known; which of its cases are large, is.
  if (timeEstimate === null) return { seconds: plannedSeconds(id, multiplyAdds), isKnown: false };
  const computing = (runs * multiplyAdds) / timeEstimate.multiplyAddsPerSecond;
  return { seconds: overhead + computing, isKnown: computing > overhead };
}

/** Multiply-adds per second of a usual processor, by which unmeasured cases are distributed. */
const usualSpeed = 2e9;

/** For distributing cases over machines: of all backends together that were measured, the same on every machine. */
export function plannedSeconds(id: string, multiplyAdds: number): number {
  const known = Object.values(measured[id] ?? {});
  if (known.length > 0) return known.reduce((sum, seconds) => sum + seconds, 0);
  return overhead + (runs * multiplyAdds) / usualSpeed;
}
