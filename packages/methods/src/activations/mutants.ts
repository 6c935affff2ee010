import * as tf from '@tensorflow/tfjs-core';
import { replacing, type Mutant } from '../core/mutant.js';
import { activationsFrom } from './activations.js';

export const activationsMutants: readonly Mutant[] = [
  replacing(
    'maps-overwritten',
    'feature maps are read at the end, when a later ReLU has changed them in place',
    activationsFrom({ read: (output) => tf.relu(output) }),
  ),
  replacing(
    'maps-of-input',
    "a layer's input is stored instead of its output",
    activationsFrom({ read: (_output, input) => input }),
  ),
];
