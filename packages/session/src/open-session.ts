import { ChannelSession } from './channel-session.js';
import type { Subject } from './protocol.js';
import { ChildChannel, type ChildOptions } from './runtimes/child.js';
import { openLocal, type LocalOptions } from './runtimes/local.js';
import type { Session } from './session.js';

export interface SessionOptions extends LocalOptions {
  /** Ends a page. What runs in this process cannot be interrupted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A backend in this process, or in a page of Chromium where it needs one. All backends of a process share one TF.js
 * engine: one session at a time.
 *
 * @throws TouchstoneError `unknown-name`, `backend-unavailable`, `port-error`
 */
export async function openSession(subject: Subject, { signal, ...options }: SessionOptions = {}): Promise<Session> {
  const { channel, info } = await openLocal(subject, options);
  const close = (): void => void channel.close();
  if (signal?.aborted) close();
  signal?.throwIfAborted();
  if (channel.runtime === 'page') signal?.addEventListener('abort', close, { once: true });
  return new ChannelSession(channel, info);
}

/**
 * The same in a child process of its own, which is started again when it crashes or takes too long.
 *
 * @throws TouchstoneError as `openSession`, and `timeout`, `process-crashed`
 */
export async function openChildSession(subject: Subject, options: ChildOptions = {}): Promise<Session> {
  const channel = new ChildChannel(subject, options);
  try {
    return new ChannelSession(channel, await channel.open());
  } catch (error) {
    await channel.close();
    throw error;
  }
}
