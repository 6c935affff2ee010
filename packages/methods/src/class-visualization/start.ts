/** Start and jitter: stored, or drawn from the seed. */
import type * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor } from '@touchstone/contract';
import { drawUniform, fromHost } from '@touchstone/network';

type Fixtures = Readonly<Record<string, HostTensor>>;

interface JitterParams {
  readonly steps: number;
  readonly jitter: number;
  readonly seed: number;
}

/** (oy, ox) of each step. */
export type Offsets = (step: number) => readonly [number, number];

export function offsetsOf(fixtures: Fixtures, params: JitterParams): Offsets {
  return fixtures['jitter'] ? storedOffsets(fixtures['jitter'], params) : drawnOffsets(params);
}

export function startOf(fixtures: Fixtures, x: tf.Tensor4D, seed: number): tf.Tensor4D {
  return fixtures['start'] ? storedStart(fixtures['start'], x) : drawnStart(x.shape, seed);
}

function storedOffsets({ shape, data }: HostTensor, { steps, jitter }: JitterParams): Offsets {
  if (shape.length !== 2 || shape[0]! < steps || shape[1] !== 2) {
    throw new TouchstoneError(
      'bad-params',
      `jitter has shape [${shape.join(',')}], expected [steps,2] = [${steps},2]`,
      'Store (oy, ox) for every step.',
    );
  }
  if (data.some((value) => !Number.isInteger(value) || Math.abs(value) > jitter))
    throw new TouchstoneError('bad-params', `jitter has values that are not integers from −${jitter} to ${jitter}`);
  return (step) => [data[2 * step]!, data[2 * step + 1]!];
}

function drawnOffsets({ steps, jitter, seed }: JitterParams): Offsets {
  const u = drawUniform(seed, 'class-visualization jitter', 2 * steps, 0, jitter + 0.5);
  return (step) => [Math.round(u[2 * step]!) + 0, Math.round(u[2 * step + 1]!) + 0];
}

function storedStart(start: HostTensor, x: tf.Tensor4D): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  if (start.shape.join() !== [n, c, h, w].join())
    throw new TouchstoneError(
      'bad-params',
      `start has shape [${start.shape.join(',')}], expected that of x, [${[n, c, h, w].join(',')}]`,
    );
  return fromHost(start) as tf.Tensor4D;
}

/** Uniform noise of standard deviation 1. */
function drawnStart([n, h, w, c]: readonly [number, number, number, number], seed: number): tf.Tensor4D {
  return fromHost({
    shape: [n, c, h, w],
    data: drawUniform(seed, 'class-visualization start', n * c * h * w, 0, Math.sqrt(3)),
  }) as tf.Tensor4D;
}
