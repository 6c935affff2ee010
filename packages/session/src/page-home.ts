import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPage } from '@touchstone/browser';
import { TouchstoneError } from '@touchstone/contract';
import type { Answerer } from './answerer.js';
import { checkFile, maxBytes } from '@touchstone/system';
import { networkFiles, networkRemedy } from './network-parts.js';
import { Reply, type Request } from './protocol.js';

/** Made of page/page.ts by the build, also where this file runs from src. */
const bundle = fileURLToPath(new URL('../dist/page/bundle.js', import.meta.url));

/** A backend that was opened somewhere. */
export interface InHome {
  readonly reply: Reply;
  readonly answer: Answerer;
  /** Ends what was started for it; null: nothing was. */
  readonly close: (() => Promise<void>) | null;
}

/** Opens a backend in a page of a Chromium. What is asked of `answer` is answered there; it rejects where the page is gone. */
export async function openInPage(request: Extract<Request, { kind: 'open' }>): Promise<InHome> {
  let asked: string | undefined;
  const files = (folder: string, name: string): string => {
    if (folder !== asked || !networkFiles.some((file) => file === name))
      throw new TouchstoneError('internal', `the page asked for ${name}, which is not part of its job`);
    return checkFile(join(folder, name), maxBytes.weights, 'bad-network', networkRemedy);
  };
  try {
    const { page, reply } = await openPage({ bundle, files }, request, (answer) => {
      const opened = Reply.parse(answer);
      return opened.kind === 'unavailable' ? opened.reason : null;
    });
    const answer: Answerer = async (question) => {
      asked = 'job' in question ? question.job.networkFolder : undefined;
      return (await page.ask(question)) as Reply;
    };
    return { reply: reply as Reply, answer, close: () => page.close() };
  } catch (error) {
    if (!(error instanceof TouchstoneError)) throw error;
    return { reply: { kind: 'unavailable', reason: error.message }, answer: () => Promise.reject(error), close: null };
  }
}
