import { findBackend } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import type { SessionInfo, Subject } from '../protocol.js';
import type { Extension } from '../serve/dispatch.js';
import { errorOf } from '../channel-session.js';
import type { Channel } from './channel.js';
import { openPageChannel } from './page.js';
import { processChannel } from './process.js';

export interface LocalOptions {
  /** Answers the questions of `Session.ask` in this process; in a page its bundle does. */
  readonly extension?: Extension | undefined;
  /** The program of the page; left out: the verifier's own. */
  readonly pageBundle?: string | undefined;
}

interface Opened {
  readonly channel: Channel;
  readonly info: SessionInfo;
}

/**
 * In this process or in a page: the first of the backend's runtimes that has the device it is made for, else the
 * first that is available at all.
 *
 * @throws TouchstoneError `backend-unavailable` with the reasons of all runtimes, `port-error`
 */
export async function openLocal(subject: Subject, options: LocalOptions): Promise<Opened> {
  const runtimes = 'backend' in subject ? findBackend(subject.backend).runtimes : (['process'] as const);
  const reasons: string[] = [];
  let second: Opened | undefined;
  for (const runtime of runtimes) {
    let opened: Opened;
    try {
      opened =
        runtime === 'page' ? await openPageChannel(subject, options.pageBundle) : await openInProcess(subject, options);
    } catch (error) {
      if (!(error instanceof TouchstoneError && error.code === 'backend-unavailable')) throw error;
      reasons.push(runtimes.length === 1 ? error.message : `in a ${runtime}: ${error.message}`);
      continue;
    }
    if (!opened.info.softwareRenderer) {
      await second?.channel.close();
      return opened;
    }
    if (second === undefined) second = opened;
    else await opened.channel.close();
  }
  if (second === undefined) throw new TouchstoneError('backend-unavailable', reasons.join('; '));
  return second;
}

async function openInProcess(subject: Subject, { extension }: LocalOptions): Promise<Opened> {
  const channel = processChannel(extension);
  const reply = await channel.ask({ kind: 'open', subject });
  if (reply.kind !== 'opened') throw errorOf(reply);
  return { channel, info: reply.value };
}
