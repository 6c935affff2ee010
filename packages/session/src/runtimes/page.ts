import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPage } from '@touchstone/browser';
import { messageOf, TouchstoneError } from '@touchstone/contract';
import { checkFile, maxBytes } from '@touchstone/system';
import { networkFiles, networkRemedy } from '../network/network-parts.js';
import type { Reply, Request, SessionInfo, Subject } from '../protocol.js';
import type { Channel } from './channel.js';

/** Made of page-program.ts by the build, also where this file runs from src. */
const verifiersBundle = fileURLToPath(new URL('../../dist/page/bundle.js', import.meta.url));

/**
 * A backend in a page of a Chromium that is started for it.
 *
 * @param bundle the program of the page, which calls `servePage`
 * @throws TouchstoneError `backend-unavailable`
 */
export async function openPageChannel(
  subject: Subject,
  bundle = verifiersBundle,
): Promise<{ channel: Channel; info: SessionInfo }> {
  let allowed: string | undefined;
  const files = (folder: string, name: string): string => {
    if (folder !== allowed || !networkFiles.some((file) => file === name))
      throw new TouchstoneError('internal', `the page asked for ${name}, which is not part of its request`);
    return checkFile(join(folder, name), maxBytes.weights, 'bad-network', networkRemedy);
  };
  const { page, reply } = await openPage({ bundle, files }, { kind: 'open', subject } satisfies Request, (answer) => {
    const opened = answer as Reply;
    return opened.kind === 'opened' ? null : 'reason' in opened ? opened.reason : 'it answered another question';
  });
  const ask = async (request: Request): Promise<Reply> => {
    allowed = folderOf(request) ?? allowed;
    try {
      return (await page.ask(request)) as Reply;
    } catch (error) {
      throw new TouchstoneError('process-crashed', messageOf(error));
    }
  };
  const { value: info } = reply as Extract<Reply, { kind: 'opened' }>;
  return { channel: { runtime: 'page', ask, close: () => page.close() }, info };
}

/** Whose files the page may have from now on. */
function folderOf(request: Request): string | undefined {
  if (request.kind === 'load') return typeof request.network === 'string' ? request.network : request.network.folder;
  if (request.kind === 'extension') return request.networkFolder;
  return 'request' in request ? request.request.networkFolder : undefined;
}
