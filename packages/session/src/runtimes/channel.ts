import type { Reply, Request } from '../protocol.js';
import type { AskOptions } from '../request.js';
import type { Session } from '../session.js';

/** Carries requests to where an engine runs, and replies back: one at a time. */
export interface Channel {
  readonly runtime: Session['runtime'];
  /** Rejects with a TouchstoneError where nothing answers any more. */
  ask(request: Request, options?: AskOptions): Promise<Reply>;
  close(): Promise<void>;
}
