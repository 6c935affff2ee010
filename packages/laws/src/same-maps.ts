import type { Stages } from '@touchstone/contract';
import { largest } from './host-arithmetic.js';
import type { Trial } from './trial.js';

/**
 * The same `map` and `attribution` of a method that declares `normalisedMap`. Terms of the map may cancel, and
 * normalising magnifies what rounding leaves of them.
 */
export function expectSameMaps(trial: Trial, what: string, actual: Stages, expected: Stages): void {
  const { activations, gradient, map, attribution } = expected;
  const terms = largest(activations!.data) * largest(gradient!.data) * activations!.shape[1]!;
  trial.expectClose(`${what}: map`, actual['map']!, map!, terms);
  const highest = largest(map!.data);
  if (highest > 2 * trial.tolerance * terms)
    trial.expectClose(`${what}: attribution`, actual['attribution']!, attribution!, terms / highest);
}
