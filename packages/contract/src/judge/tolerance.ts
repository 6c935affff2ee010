/**
 * The tolerance: derived from float32 and from PyTorch's own error, never chosen per case. Measured: correct backends
 * reach 4× PyTorch's error at most; the smallest of 28 realistic faults is thousands of times over the bound.
 */
import type { Errors } from '../domain/index.js';

/** Half the distance from 1 to the next larger number. */
const unitRoundoff = { float16: 2 ** -11, float32: 2 ** -24 };

/** The precision in which a backend stores its values. */
export type Tier = keyof typeof unitRoundoff;

/** The unit roundoff of a tier, as a multiple of float32's. */
export function coarseness(tier: Tier): number {
  return unitRoundoff[tier] / unitRoundoff.float32;
}

/**
 * The largest error of PyTorch's float32, e2 or eMax, with which a golden is made: the bounds are 16 times that, and
 * larger ones would accept wrong answers.
 */
export const maxReferenceError = 1e-4;
/** Allowed error, as a multiple of PyTorch float32's own error. */
const referenceFactor = 16;
/** Always allowed, in unit roundoffs: PyTorch's own error may be zero by chance. */
const floorInRoundoffs = 32;
/** Allowed eMax, as a multiple of allowed e2: the largest single error varies more than the norm of all. */
const maximumFactor = 4;

/**
 * The largest `e2` and `eMax` that pass, given PyTorch float32's own errors. For float16, the bounds grow with its unit
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

/**
 * How far from its switch point, in float64 and relative to the largest |value| of its layer's input, a unit may be
 * that float32 has on its other side: 16 times, as above, the furthest that was measured, 5.9e-7 (cpu and wasm, every
 * golden).
 */
export const maxSwitchPointDistance = 1e-5;
