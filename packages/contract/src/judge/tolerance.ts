/**
 * How close is close: the tolerance is derived from float32 and from PyTorch's own error, never chosen per case.
 * (design.md, decision 5: correct backends were measured to reach 4× PyTorch's error at most; of 28 realistic bugs the
 * smallest is thousands of times over.)
 */
import type { Errors } from '../domain/index.js';

/** Half the distance from 1 to the next number. */
const unitRoundoff = { float16: 2 ** -11, float32: 2 ** -24 };

/** The bounds are those of float32; where an engine keeps its numbers in half precision, those of half. */
export type Tier = keyof typeof unitRoundoff;

/** How many times coarser than float32 a tier is. */
export function coarseness(tier: Tier): number {
  return unitRoundoff[tier] / unitRoundoff.float32;
}

/** How much further from the float64 result than PyTorch float32 an implementation may be. */
const referenceFactor = 16;
/** What is always allowed, in unit roundoffs: PyTorch's own error may be zero by luck. */
const floorInRoundoffs = 32;
/** The largest single error is noisier than the norm of all. */
const maximumFactor = 4;

/**
 * The largest `e2` and `eMax` that pass, given PyTorch float32's own errors: half precision is as much worse as its
 * roundoff.
 */
export function allowance(reference: Errors, tier: Tier = 'float32'): Errors {
  const scale = coarseness(tier);
  const floor = floorInRoundoffs * unitRoundoff[tier];
  return {
    e2: Math.max(referenceFactor * scale * reference.e2, floor),
    eMax: maximumFactor * Math.max(referenceFactor * scale * reference.eMax, floor),
  };
}
