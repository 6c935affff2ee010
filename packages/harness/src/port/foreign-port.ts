import { ownVersion } from '../own-version.js';
import { modulePort } from './module-port.js';
import type { Port } from './port.js';
import { commandOf, ProcessPort } from './process/process-port.js';
import type { PortOptions } from './session-port.js';

/** What `--port` names: a JavaScript module, or `cmd:` and a command line. @throws TouchstoneError `usage` */
export function foreignPort(port: string, options: PortOptions): Port {
  const command = commandOf(port);
  return command === null ? modulePort(port, options) : new ProcessPort(command, ownVersion, options);
}
