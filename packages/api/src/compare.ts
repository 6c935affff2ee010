import { TouchstoneError } from '@touchstone/contract';
import { compareEngines, verdictOfCompared, type ComparedEngines } from '@touchstone/harness';
import { findMethod } from '@touchstone/methods';
import { ask, type AskOptions } from './ask.js';

export interface CompareOptions extends Omit<AskOptions, 'layout'> {
  readonly backend: string;
  /** Another backend; or `port`. */
  readonly against?: string | undefined;
  /** The path of a port that is a JavaScript module, or `cmd:` and a command. */
  readonly port?: string | undefined;
}

export interface Compared extends ComparedEngines {
  /** Whether both agree in everything that both give, which is something, and repeat it. */
  readonly agree: boolean;
}

/**
 * Compares two engines layer by layer on a network of your own, as `touchstone compare` does.
 *
 * @throws TouchstoneError for what was given, and `backend-unavailable`, `port-error`
 */
export async function compare(options: CompareOptions): Promise<Compared> {
  const { backend, against, port, signal } = options;
  if ((against === undefined) === (port === undefined))
    throw new TouchstoneError('usage', 'compare needs either against or port', 'Give one of them.');
  const { folder, description, target, input, deadlineMs } = await ask(findMethod('saliency'), options);
  const compared = await compareEngines({
    networkFolder: folder,
    description,
    x: input.x,
    target,
    engines: [{ backends: [backend] }, port === undefined ? { backends: [against!] } : { port }],
    deadlineMs,
    signal,
  });
  return { ...compared, agree: verdictOfCompared(compared) === 'agree' };
}
