import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';
import type { Port } from './port.js';
import { SessionPort, type PortOptions } from './session-port.js';

/** A JavaScript module: way 1 of the port protocol. @throws TouchstoneError `usage` where there is no such file */
export function modulePort(path: string, options: PortOptions): Port {
  const traits = { id: 'port', own: false, timeEstimate: null, another: () => null };
  return new SessionPort(moduleAt(path), traits, options);
}

/** What a session of that port opens. @throws TouchstoneError `usage` where there is no such file */
export function moduleAt(path: string): { readonly module: string } {
  if (!existsSync(path))
    throw new TouchstoneError(
      'usage',
      `--port ${path}: no such file`,
      'Give the path of a JavaScript module, or "cmd:" and a command, such as "cmd:python my_port.py".',
    );
  return { module: resolve(path) };
}
