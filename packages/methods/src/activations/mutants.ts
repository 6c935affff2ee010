import * as tf from '@tensorflow/tfjs-core';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { activationsFrom } from './activations.js';
import { copyMaps } from '../mutants/remedies.js';

export const activationsMutants: readonly Mutant[] = [
  replacing(
    'maps-overwritten',
    'feature maps are read at the end, when a later ReLU has changed them in place',
    copyMaps,
    activationsFrom({ read: (output) => tf.relu(output) }),
  ),
  replacing(
    'maps-of-input',
    "a layer's input is stored instead of its output",
    remedy(
      "Store the layer's output",
      'tf.model({ inputs: model.inputs, outputs: layer.output })',
      'layer.register_forward_hook(lambda module, args, output: store(output))',
    ),
    activationsFrom({ read: (_output, input) => input }),
  ),
];
