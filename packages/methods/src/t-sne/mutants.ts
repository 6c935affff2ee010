import * as tf from '@tensorflow/tfjs-core';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import type { Matrix } from './probabilities.js';
import { tsneFrom } from './t-sne.js';

const rooted = ({ n, data }: Matrix): Matrix => ({ n, data: data.map(Math.sqrt) });

export const tsneMutants: readonly Mutant[] = [
  replacing(
    'perplexity-in-bits',
    'the entropy is measured in nats, what it shall be in bits',
    remedy('Set the entropy to log(perplexity) in nats, or to log₂ in bits, on both sides', 'Math.log', 'np.log'),
    tsneFrom({ entropy: Math.log2 }),
  ),
  replacing(
    'distance-plain',
    'the Gaussians take the distance instead of its square',
    remedy('Square the distances'),
    tsneFrom({ distances: rooted }),
  ),
  replacing(
    'unsymmetrised',
    'the joint probabilities are not made symmetric',
    remedy('Make the joint probabilities symmetric', 'p.add(p.transpose()).div(2 * n)', '(p + p.T) / (2 * n)'),
    tsneFrom({ symmetrised: (conditional) => conditional }),
  ),
  replacing(
    'gradient-factor',
    'the gradient lacks its factor 4',
    remedy('Multiply the gradient by 4'),
    tsneFrom({ factor: 1 }),
  ),
  replacing(
    'embedded-distance-plain',
    "Student's t takes the distance in the plane instead of its square",
    remedy('Use 1/(1 + distance²)'),
    tsneFrom({
      spread: (onePlusSquares) => tf.add(tf.sqrt(tf.relu(tf.sub(onePlusSquares, 1))), 1),
    }),
  ),
  replacing(
    'gains-reversed',
    'the gains grow where the gradient keeps its direction',
    remedy('Raise a gain by 0.2 where update and gradient have different signs, else multiply it by 0.8'),
    tsneFrom({ hasTurned: (update, gradient) => tf.greater(tf.mul(update, gradient), 0) }),
  ),
];
