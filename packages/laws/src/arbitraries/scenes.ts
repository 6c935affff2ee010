/** A network, images and a target: the examples of most laws. */
import fc from 'fast-check';
import type { HostTensor, Target } from '@touchstone/contract';
import type { GeneratedNetwork } from './build-network.js';
import { tensorText } from './network-text.js';
import { drawNoise, drawImages, drawTarget, drawWeights, imageSpecs, targetSpec } from './images.js';

export interface Scene<N extends GeneratedNetwork = GeneratedNetwork> {
  readonly generated: N;
  /** [N,C,H,W] */
  readonly x: HostTensor;
  readonly target: Target;
  readonly classes: number;
  /** A leaf whose output is a map. */
  readonly layer: string;
  /** For other values that a law draws. */
  readonly seed: number;
}

export function scenes<N extends GeneratedNetwork>(
  networks: fc.Arbitrary<N>,
  { maxImages = 3, minImages = 1, irregular = false } = {},
): fc.Arbitrary<Scene<N>> {
  return fc
    .record({
      generated: networks,
      images: imageSpecs(maxImages, minImages, irregular),
      target: targetSpec,
      layer: fc.nat({ max: 100 }),
      seed: fc.integer({ min: 0, max: 0x7f_ff_ff_ff }),
    })
    .map(({ generated, images, target, layer, seed }) => {
      const { input } = generated.description;
      const classes = generated.weights['fc.weight']!.shape[0]!;
      const maps = [...generated.maps].reverse();
      const scene = {
        generated,
        x: drawImages(images, input.shape, generated.numbers),
        target: drawTarget(target, images.length, classes),
        classes,
        layer: maps[layer % maps.length]!,
        seed,
        [fc.toStringMethod]: (): string => sceneText(scene),
      };
      return scene;
    });
}

function sceneText({ generated, x, target, layer, seed }: Scene): string {
  return [
    fc.stringify(generated),
    `  x ${tensorText(x, 96)}`,
    `  target ${JSON.stringify(target)}, layer "${layer}", seed ${seed}, ${generated.numbers} numbers`,
  ].join('\n');
}

/** Noise for the scene's images, [samples,N,C,H,W]. */
export function noiseFor({ seed, x, generated }: Scene, samples: number): HostTensor {
  return drawNoise(seed, samples, x.shape, generated.numbers);
}

/** A weight for each class, different for every `salt`. */
export function weightsFor({ seed, classes }: Scene, salt: number): number[] {
  return drawWeights(seed + salt, classes);
}
