import { TouchstoneError } from '@touchstone/contract';
import { waysToDraw } from './graphics.js';
import { Page } from './page.js';
import type { ServerOptions } from './page-server.js';

type WhyNot = (reply: unknown) => string | null;

/**
 * A page of a fresh Chromium, started in the first of the ways to draw in which the page works: `whyNot` of its reply
 * to `question` is null. Each way has `answerMs`, because a broken driver may hang for ever, and a software renderer on
 * a busy machine starts slowly.
 *
 * @throws TouchstoneError `backend-unavailable`, with the reasons of all ways
 */
export async function openPage(
  options: ServerOptions,
  question: unknown,
  whyNot: WhyNot,
  answerMs = 40_000,
): Promise<{ page: Page; reply: unknown }> {
  const reasons = new Set<string>();
  for (const { flags } of waysToDraw()) {
    const outcome = await tryPage(flags, options, answerMs, question, whyNot);
    if (typeof outcome !== 'string') return outcome;
    reasons.add(outcome);
  }
  throw new TouchstoneError('backend-unavailable', [...reasons].join('; '));
}

async function answerWithin(milliseconds: number, answer: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the page gave no answer within ${milliseconds / 1000} s`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
    // After a timeout its own rejection must not be unhandled.
    answer.catch(() => undefined);
  }
}

async function tryPage(
  flags: readonly string[],
  options: ServerOptions,
  answerMs: number,
  question: unknown,
  whyNot: WhyNot,
): Promise<{ page: Page; reply: unknown } | string> {
  let page: Page | undefined;
  let reason: string;
  try {
    page = await Page.open({ ...options, flags });
    const reply = await answerWithin(answerMs, page.ask(question));
    const why = whyNot(reply);
    if (why === null) return { page, reply };
    reason = why;
  } catch (error) {
    reason =
      error instanceof TouchstoneError && error.hint !== undefined
        ? `${error.message}. ${error.hint}`
        : (error as Error).message;
  }
  await page?.close();
  return reason;
}
