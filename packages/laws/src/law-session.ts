import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TouchstoneError } from '@touchstone/contract';
import { openSession } from '@touchstone/session';
import { holdExtension, holdTo, type HoldOptions, type LawQuestion, type LawResult } from './hold.js';
import type { Law } from './law.js';
import { openPortSubject, type PortSession } from './port-subject.js';

/** Tests laws where the subject runs: in this process, in a page of Chromium, or in the process of a port. */
export interface LawSession {
  /** The id of the backend, or the name of the port. */
  readonly name: string;
  readonly device: string;
  /** Whether a software renderer computes in place of a GPU. */
  readonly softwareRenderer: boolean;
  hold(law: Law, options: HoldOptions): Promise<LawResult>;
  close(): Promise<void>;
}

/** Built from page/page.ts; used also when this file runs from src. */
const pageBundle = fileURLToPath(new URL('../dist/page/bundle.js', import.meta.url));

/**
 * The unchanged methods on a backend.
 *
 * @param signal ends a page, and in this process leaves out the examples that follow
 * @throws TouchstoneError `unknown-name`, `backend-unavailable`; the laws' tolerances are those of float32 and
 * float64
 */
export async function openLawSession(id: string, signal?: AbortSignal): Promise<LawSession> {
  const extension = holdExtension(untilAborted(signal));
  const session = await openSession({ backend: id }, { extension, pageBundle, signal });
  const { device, precision, softwareRenderer } = session.info;
  if (precision === 'float16') {
    await session.close();
    throw new TouchstoneError('backend-unavailable', `${device} computes in float16, for which there are no laws`);
  }
  return {
    name: id,
    device,
    softwareRenderer,
    hold: async ({ id: law }, options) => (await session.ask({ law, options } satisfies LawQuestion)) as LawResult,
    close: () => session.close(),
  };
}

/** A port, whose session is closed with this one. */
export async function openPortLawSession(port: PortSession, signal?: AbortSignal): Promise<LawSession> {
  const { subject, close } = await openPortSubject(port);
  return {
    name: port.info.name,
    device: `${port.info.name} ${port.info.version}`,
    softwareRenderer: false,
    hold: (law, options) => holdTo(law, subject, options, untilAborted(signal)),
    close,
  };
}

/** Signals arrive between two turns of the event loop. */
function untilAborted(signal: AbortSignal | undefined): (() => Promise<boolean>) | undefined {
  if (signal === undefined) return undefined;
  return async () => {
    await setImmediate();
    return !signal.aborted;
  };
}
