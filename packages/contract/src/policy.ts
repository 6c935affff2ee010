/**
 * How close is close: the tolerance is derived from float32 and from PyTorch's own error, never chosen per case.
 * (design.md, decision 5: correct backends were measured to reach 4× PyTorch's error at most; of 28 realistic bugs the
 * smallest is thousands of times over.)
 */
import type { Errors } from './domain.js';

/** Unit roundoff of float32: half the distance from 1 to the next number. */
const unitRoundoff = 2 ** -24;
/** How much further from the float64 result than PyTorch float32 an implementation may be. */
const referenceFactor = 16;
/** What is always allowed, in unit roundoffs: PyTorch's own error may be zero by luck. */
const floorInRoundoffs = 32;
/** The largest single error is noisier than the norm of all. */
const maximumFactor = 4;

/** The largest `e2` and `eMax` that pass, given PyTorch float32's own errors. */
export function allowance(reference: Errors): Errors {
  const floor = floorInRoundoffs * unitRoundoff;
  return {
    e2: Math.max(referenceFactor * reference.e2, floor),
    eMax: maximumFactor * Math.max(referenceFactor * reference.eMax, floor),
  };
}
