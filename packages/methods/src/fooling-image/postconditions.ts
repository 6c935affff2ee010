/** What must hold for a fooling image, however it was found. */
import * as tf from '@tensorflow/tfjs-core';
import { logitClasses, TouchstoneError, type Stages, type Target } from '@touchstone/contract';
import { fromHost, toHost, Variable, type Network } from '@touchstone/network';
import type { Postcondition } from '../core/method.js';
import { asLogits } from '../core/target.js';

/** The most that rounding to float32 can add to the length of the path. */
const roundingOfWay = 1e-3;

export async function postconditionsOf(
  network: Network,
  x: tf.Tensor4D,
  { attribution, steps }: Stages,
  target: Target,
  params: { readonly rate: number; readonly steps: number },
): Promise<Postcondition[]> {
  const classes = wantedClasses(target, x.shape[0]);
  const image = fromHost(attribution!) as tf.Tensor4D;
  const seen = await toHost(tf.argMax(asLogits(network.call(Variable.leaf(image)).value), 1));
  const way = await toHost(tf.sqrt(tf.sum(tf.square(tf.sub(image, x)), [1, 2, 3])));
  // The stage "steps" is optional for a port.
  const taken = classes.map((_, i) => steps?.data[i] ?? params.steps);
  const lengths = Array.from(way.data, (length) => Number(length.toPrecision(4)));
  return [
    {
      name: 'fooled',
      holds: classes.every((wanted, i) => seen.data[i] === wanted),
      text: `the network sees class ${[...seen.data].join(', ')}; wanted is ${classes.join(', ')}`,
    },
    {
      name: 'in time',
      holds: taken.every((count) => count <= params.steps),
      text: `${taken.join(', ')} steps, at most ${params.steps}`,
    },
    {
      name: 'near',
      holds: taken.every((count, i) => way.data[i]! <= count * params.rate * (1 + roundingOfWay)),
      text: `it is ${lengths.join(', ')} away from the image; ${taken.join(', ')} steps of ${params.rate}`,
    },
  ];
}

export function wantedClasses(target: Target, images: number): number[] {
  const classes = logitClasses(target);
  if (classes === null)
    throw new TouchstoneError(
      'bad-params',
      'fooling-image needs a class as the target, and nothing else of it',
      'Give a class, or one per image.',
    );
  return Array.isArray(classes) ? classes : Array.from({ length: images }, () => classes);
}
