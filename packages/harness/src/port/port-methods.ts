import { foreignPort } from './foreign-port.js';
import type { PortOptions } from './session-port.js';

/** The ids of the methods that a port says it has; undefined: it does not say. @throws TouchstoneError as its `open` */
export async function portMethods(port: string, limits: PortOptions): Promise<readonly string[] | undefined> {
  const opened = foreignPort(port, limits);
  try {
    const state = await opened.open();
    await opened.finish();
    return state.kind === 'ready' ? state.methods : undefined;
  } finally {
    opened.stop();
  }
}
