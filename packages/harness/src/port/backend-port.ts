import { findBackend } from '@touchstone/backends';
import type { Port } from './port.js';
import { SessionPort, type PortOptions } from './session-port.js';

/** Our own methods on one backend. @throws TouchstoneError `unknown-name` */
export function backendPort(id: string, options: PortOptions): Port {
  const { multiplyAddsPerSecond, supportsWorkers } = findBackend(id);
  const timeEstimate = { deadlineMs: options.deadlineMs, multiplyAddsPerSecond };
  // A GPU and TensorFlow already use the whole machine. A software renderer spends most of its time compiling, in one
  // thread.
  const another = (softwareRenderer: boolean): Port | null =>
    supportsWorkers || softwareRenderer ? backendPort(id, options) : null;
  return new SessionPort({ backend: id }, { id, own: true, timeEstimate, another }, options);
}
