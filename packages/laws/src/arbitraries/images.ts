/**
 * Images, targets and noise. Images have constant backgrounds, few levels, zeros and different contrasts, as real
 * images do and random ones do not.
 */
import fc from 'fast-check';
import { Random, type HostTensor, type Target } from '@touchstone/contract';
import type { Numbers } from './numbers.js';

interface ImageSpec {
  readonly style: 'zero' | 'constant' | 'background' | 'levels' | 'noise';
  /** Exponent of two. */
  readonly contrast: number;
  readonly seed: number;
}

const seed = fc.integer({ min: 0, max: 0x7f_ff_ff_ff });

const imageOf = (...styles: readonly ImageSpec['style'][]): fc.Arbitrary<ImageSpec> =>
  fc.record({ style: fc.constantFrom(...styles), contrast: fc.integer({ min: -2, max: 2 }), seed });
const image = imageOf('zero', 'constant', 'background', 'levels', 'levels', 'noise', 'noise');
const noise = imageOf('noise');

/**
 * Drawn before the network's shape is known.
 *
 * @param irregular only noise, whose values differ
 */
export const imageSpecs = (maxLength: number, minLength = 1, irregular = false): fc.Arbitrary<ImageSpec[]> =>
  fc.array(irregular ? noise : image, { minLength, maxLength });

/** x [N,C,H,W] */
export function drawImages(specs: readonly ImageSpec[], shape: readonly number[], numbers: Numbers): HostTensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = new Float32Array(specs.length * size);
  for (const [i, spec] of specs.entries()) data.set(drawImage(spec, size, numbers), i * size);
  return { shape: [specs.length, ...shape], data };
}

function drawImage({ style, contrast, seed }: ImageSpec, size: number, numbers: Numbers): Float32Array {
  const random = new Random(seed);
  const unit = 2 ** contrast;
  const background = random.integer(-4, 4) / 4;
  const value: Record<ImageSpec['style'], () => number> = {
    zero: () => 0,
    constant: () => background,
    background: () => (random.integer(0, 4) > 0 ? background : random.integer(-4, 4) / 4),
    levels: () => random.integer(-2, 2) / 2,
    noise: () => (numbers === 'exact' ? random.integer(-8, 8) / 4 : random.normal()),
  };
  return Float32Array.from({ length: size }, () => value[style]() * unit);
}

export type TargetSpec = { readonly classes: readonly number[] } | { readonly seed: number };

/** A class per image, drawn from these, or a weight per class. */
export const targetSpec: fc.Arbitrary<TargetSpec> = fc.oneof(
  fc.record({ classes: fc.array(fc.nat({ max: 11 }), { minLength: 1, maxLength: 3 }) }),
  fc.record({ seed }),
);

export function drawTarget(spec: TargetSpec, images: number, classes: number): Target {
  if ('classes' in spec)
    return { class: Array.from({ length: images }, (_, i) => spec.classes[i % spec.classes.length]! % classes) };
  return { weights: drawWeights(spec.seed, classes) };
}

/** Multiples of ½ in [−2,2]. */
export function drawWeights(seed: number, count: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.integer(-4, 4) / 2);
}

/** noise [samples,N,C,H,W] */
export function drawNoise(seed: number, samples: number, shape: readonly number[], numbers: Numbers): HostTensor {
  const random = new Random(seed, 'noise');
  const all = [samples, ...shape];
  return {
    shape: all,
    data: Float32Array.from({ length: all.reduce((a, b) => a * b, 1) }, () =>
      numbers === 'exact' ? random.integer(-4, 4) / 2 : random.normal(),
    ),
  };
}
