/** The start of the descent: stored, or drawn from the seed. */
import type * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor } from '@touchstone/contract';
import { constant, drawUniform, fromHost } from '@touchstone/network';
import { atRest, type Motion } from './descent.js';

type Fixtures = Readonly<Record<string, HostTensor>>;

export function storedStart(fixtures: Fixtures, points: number, seed: number): tf.Tensor2D {
  return storedPoints(fixtures, 'start', points) ?? drawnStart(points, seed);
}

export function storedMotion(fixtures: Fixtures, points: number, seed: number): Motion {
  const embedding = storedPoints(fixtures, 'embedding', points) ?? storedStart(fixtures, points, seed);
  const { update, gains } = atRest(embedding);
  return {
    embedding,
    update: storedPoints(fixtures, 'update', points) ?? update,
    gains: storedPoints(fixtures, 'gains', points) ?? gains,
  };
}

function storedPoints(fixtures: Fixtures, name: string, points: number): tf.Tensor2D | null {
  const stored = fixtures[name];
  if (!stored) return null;
  if (stored.shape.join() !== `${points},2`)
    throw new TouchstoneError(
      'bad-params',
      `${name} has shape [${stored.shape.join(',')}], expected [N,2] = [${points},2]`,
    );
  return fromHost(stored) as tf.Tensor2D;
}

/** Spread as wide as scikit-learn's random start, 1e-4, but evenly. */
function drawnStart(points: number, seed: number): tf.Tensor2D {
  return constant(drawUniform(seed, 't-sne start', 2 * points, 0, 1e-4 * Math.sqrt(3)), [points, 2]) as tf.Tensor2D;
}
