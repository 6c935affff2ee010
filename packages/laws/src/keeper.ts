/** Where a backend lives, there it is held to the laws: in this process, or in a page of a Chromium. */
import { fileURLToPath } from 'node:url';
import { findBackend } from '@touchstone/backends';
import { openPage, type Page } from '@touchstone/browser';
import { TouchstoneError } from '@touchstone/contract';
import { holdTo, openSubject, type HoldOptions, type LawResult } from './hold.js';
import type { Law } from './law.js';
import type { LawAnswer, LawQuestion } from './page/page.js';

export interface Keeper {
  readonly device: string;
  hold(law: Law, options: HoldOptions): Promise<LawResult>;
  close(): Promise<void>;
}

/** Made of page/page.ts by the build, also where this file runs from src. */
const bundle = fileURLToPath(new URL('../dist/page/bundle.js', import.meta.url));

/** @throws TouchstoneError `unknown-name`, `backend-unavailable` */
export async function openKeeper(id: string): Promise<Keeper> {
  const backend = findBackend(id);
  const reasons: string[] = [];
  for (const home of backend.homes) {
    try {
      return home === 'page' ? await inPage(id) : await here(id);
    } catch (error) {
      if (!(error instanceof TouchstoneError && error.code === 'backend-unavailable')) throw error;
      reasons.push(error.message);
    }
  }
  throw new TouchstoneError('backend-unavailable', `backend "${id}": ${reasons.join('; ')}`);
}

async function here(id: string): Promise<Keeper> {
  const subject = await openSubject(findBackend(id));
  return {
    device: subject.device,
    hold: (law, options) => holdTo(law, subject, options),
    close: async () => undefined,
  };
}

async function inPage(id: string): Promise<Keeper> {
  const { page, reply } = await openPage({ bundle, files: noFiles }, { open: id } satisfies LawQuestion, (answer) =>
    'unavailable' in (answer as object) ? (answer as { unavailable: string }).unavailable : null,
  );
  const { device } = reply as Extract<LawAnswer, { device: string }>;
  return { device, hold: (law, options) => ask(page, { law: law.id, options }), close: () => page.close() };
}

async function ask(page: Page, question: LawQuestion): Promise<LawResult> {
  return ((await page.ask(question)) as Extract<LawAnswer, { result: LawResult }>).result;
}

function noFiles(): never {
  throw new TouchstoneError('internal', 'laws need no files');
}
