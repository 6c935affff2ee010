/** The first image: stored, or drawn from the seed. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { constant, drawUniform, fromHost, type Network } from '@touchstone/network';
import { pixel } from '../steps/pixels.js';

interface StartParams {
  readonly size: number;
  readonly seed: number;
}

export function startOf(
  fixtures: Readonly<Record<string, HostTensor>>,
  network: Network,
  images: number,
  params: StartParams,
): tf.Tensor4D {
  return fixtures['start'] ? storedStart(fixtures['start'], network) : drawnStart(network.description, images, params);
}

function storedStart(start: HostTensor, { description }: Network): tf.Tensor4D {
  const channels = description.input.shape[0];
  if (start.shape.length !== 4 || start.shape[1] !== channels)
    throw new TouchstoneError('bad-params', `start has shape [${start.shape.join(',')}], expected [N,${channels},H,W]`);
  return fromHost(start) as tf.Tensor4D;
}

/** Integer pixels from 150 to 179, preprocessed for the network. */
function drawnStart(description: NetworkDescription, images: number, { size, seed }: StartParams): tf.Tensor4D {
  const shape = [images, description.input.shape[0], size, size];
  const pixels = drawUniform(
    seed,
    'filter-visualization start',
    shape.reduce((a, b) => a * b),
    165,
    15,
  ).map(Math.floor);
  const [black, white] = [pixel(description, 0), pixel(description, 255)];
  return tf.add(black, tf.mul(fromHost({ shape, data: pixels }), tf.div(tf.sub(white, black), constant([255], []))));
}
