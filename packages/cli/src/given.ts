/** The options of a run that are kept with its results, so that each case can be repeated later. */
import type { Header, Outcome } from '@touchstone/contract';
import { replayOf } from './explain.js';
import { defaultDeadline } from './options.js';
import { replayOwn, type Given, type OwnOptions } from './own-golden.js';

/** undefined: case and backend say all. */
export function givenOf(options: OwnOptions & { readonly outputs?: string }): Given | undefined {
  const { port, outputs, network, image, images, input, target, set, deadline } = options;
  const isOwn = image !== undefined || images !== undefined || input !== undefined;
  const own = isOwn ? { network, image, images, input, target, set } : {};
  const limit = deadline === defaultDeadline ? undefined : deadline;
  const given = Object.entries(Object.assign({ port, outputs, deadline: limit }, own));
  const known = given.filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : (Object.fromEntries(known) as Given);
}

/** The command that repeats a case of some results. */
export function replayFrom({ given = {}, port, backends }: Header, outcome: Outcome): string {
  const isOurs = given.port === undefined && given.outputs === undefined;
  if (given.images !== undefined)
    return replayOwn(outcome, isOurs ? Object.assign({ backend: [outcome.backend] }, given) : given);
  if (given.image !== undefined || given.input !== undefined)
    return replayOwn({ method: outcome.method }, isOurs ? Object.assign({ backend: [outcome.backend] }, given) : given);
  // Files of earlier versions do not say which port it was.
  const isUnknown = isOurs && port.name !== 'touchstone' && backends.some(({ id }) => id === port.name);
  const { outputs, deadline = defaultDeadline } = given;
  return replayOf(outcome, { port: isUnknown ? 'PORT' : given.port, outputs, deadline });
}
