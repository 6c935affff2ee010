import { ChannelSession } from './channel-session.js';
import type { Subject } from './protocol.js';
import type { Channel } from './runtimes/channel.js';
import { ChildChannel, type ChildOptions } from './runtimes/child.js';
import { openLocal, type LocalOptions } from './runtimes/local.js';
import type { Session } from './session.js';

export interface SessionOptions extends LocalOptions {
  /** Ends a page. What runs in this process cannot be interrupted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A backend in this process, or in a page of Chromium where it needs one. All backends of a process share one TF.js
 * engine: a session refuses to compute while a later one has selected another backend.
 *
 * @throws TouchstoneError `unknown-name`, `backend-unavailable`, `port-error`
 */
export async function openSession(subject: Subject, { signal, ...options }: SessionOptions = {}): Promise<Session> {
  const { channel, info } = await openLocal(subject, options);
  if (signal?.aborted) await channel.close();
  signal?.throwIfAborted();
  const isPage = channel.runtime === 'page';
  return new ChannelSession(isPage && signal !== undefined ? closedOnAbort(channel, signal) : channel, info);
}

/** The channel, which ends when the signal is aborted too. After its end nothing of it is left on the signal. */
function closedOnAbort(channel: Channel, signal: AbortSignal): Channel {
  const onAbort = (): void => void channel.close();
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    runtime: channel.runtime,
    ask: (request, options) => channel.ask(request, options),
    close: () => {
      signal.removeEventListener('abort', onAbort);
      return channel.close();
    },
  };
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
