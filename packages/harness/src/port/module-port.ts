import { resolve } from 'node:path';
import type { Port } from './port.js';
import { SessionPort, type PortOptions } from './session-port.js';

/** A JavaScript module: way 1 of the port protocol. */
export function modulePort(path: string, options: PortOptions): Port {
  const traits = { id: 'port', own: false, timeEstimate: null, another: () => null };
  return new SessionPort({ module: resolve(path) }, traits, options);
}
