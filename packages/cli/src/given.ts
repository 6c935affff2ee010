/** The options of a run that are kept with its results, so that each case can be repeated later. */
import type { Header, Outcome } from '@touchstone/contract';
import { commandWith, isGiven, type Chosen, type ChosenName } from './chosen.js';
import { replayOf } from './explain.js';
import { defaultDeadline } from './options.js';

type Given = NonNullable<Header['given']>;

const always = ['port', 'outputs', 'deadline', 'golden'] as const satisfies readonly ChosenName[];
/** Of a network and images of the user's own; otherwise the case has them. */
const ofOwn = ['network', 'image', 'images', 'input', 'target', 'set'] as const satisfies readonly ChosenName[];

/** undefined: case and backend say all. */
export function givenOf(options: Chosen): Given | undefined {
  const names = [...always, ...(isOfOwn(options) ? ofOwn : [])].filter((name) => isGiven(options, name));
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, options[name]])) as Given;
}

/** Whether an image of the user's own is judged. */
export function isOfOwn({ image, images, input }: Pick<Chosen, 'image' | 'images' | 'input'>): boolean {
  return image !== undefined || images !== undefined || input !== undefined;
}

/** The command that repeats a case of some results. */
export function replayFrom({ given = {}, port, backends }: Header, outcome: Outcome): string {
  const isOurs = given.port === undefined && given.outputs === undefined;
  if (isOfOwn(given)) {
    const one: Chosen = {
      backend: isOurs ? [outcome.backend] : undefined,
      method: [outcome.method],
      case: given.images === undefined ? undefined : [outcome.case],
    };
    return commandWith('verify', Object.assign({}, given, one));
  }
  // Files of earlier versions do not say which port it was.
  const isUnknown = isOurs && port.name !== 'touchstone' && backends.some(({ id }) => id === port.name);
  const { outputs, golden, deadline = defaultDeadline } = given;
  return replayOf(outcome, { port: isUnknown ? 'PORT' : given.port, outputs, deadline, golden });
}
