import * as tf from '@tensorflow/tfjs-core';
import { replacing, type Mutant } from '../core/mutant.js';
import type { Matrix } from './probabilities.js';
import { tsneFrom } from './t-sne.js';

const rooted = ({ n, data }: Matrix): Matrix => ({ n, data: data.map(Math.sqrt) });

export const tsneMutants: readonly Mutant[] = [
  replacing(
    'perplexity-in-bits',
    'the entropy is measured in nats, what it shall be in bits',
    tsneFrom({ entropy: Math.log2 }),
  ),
  replacing('distance-plain', 'the Gaussians take the distance instead of its square', tsneFrom({ distances: rooted })),
  replacing(
    'unsymmetrised',
    'the joint probabilities are not made symmetric',
    tsneFrom({ symmetrised: (conditional) => conditional }),
  ),
  replacing('gradient-factor', 'the gradient lacks its factor 4', tsneFrom({ factor: 1 })),
  replacing(
    'embedded-distance-plain',
    "Student's t takes the distance in the plane instead of its square",
    tsneFrom({
      spread: (onePlusSquares) => tf.add(tf.sqrt(tf.relu(tf.sub(onePlusSquares, 1))), 1),
    }),
  ),
  replacing(
    'gains-reversed',
    'the gains grow where the gradient keeps its direction',
    tsneFrom({ hasTurned: (update, gradient) => tf.greater(tf.mul(update, gradient), 0) }),
  ),
];
