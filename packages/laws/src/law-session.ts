import { fileURLToPath } from 'node:url';
import { TouchstoneError } from '@touchstone/contract';
import { openSession } from '@touchstone/session';
import { holdExtension, type HoldOptions, type LawQuestion, type LawResult } from './hold.js';
import type { Law } from './law.js';

/** Tests laws where the backend runs: in this process, or in a page of Chromium. */
export interface LawSession {
  readonly device: string;
  hold(law: Law, options: HoldOptions): Promise<LawResult>;
  close(): Promise<void>;
}

/** Built from page/page.ts; used also when this file runs from src. */
const pageBundle = fileURLToPath(new URL('../dist/page/bundle.js', import.meta.url));

/**
 * @throws TouchstoneError `unknown-name`, `backend-unavailable`; the laws' tolerances are those of float32 and
 * float64
 */
export async function openLawSession(id: string): Promise<LawSession> {
  const session = await openSession({ backend: id }, { extension: holdExtension, pageBundle });
  const { device, precision } = session.info;
  if (precision === 'float16') {
    await session.close();
    throw new TouchstoneError('backend-unavailable', `${device} computes in float16, for which there are no laws`);
  }
  return {
    device,
    hold: async ({ id: law }, options) => (await session.ask({ law, options } satisfies LawQuestion)) as LawResult,
    close: () => session.close(),
  };
}
