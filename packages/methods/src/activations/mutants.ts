import { spoilingStages, type Mutant } from '../core/mutant.js';

export const activationsMutants: readonly Mutant[] = [
  spoilingStages(
    'maps-overwritten',
    'feature maps are read at the end, when a later ReLU has changed them in place',
    'activations',
    (stages) =>
      Object.fromEntries(
        Object.entries(stages).map(([name, { shape, data }]) => [
          name,
          { shape, data: name === 'logits' ? data : data.map((value) => Math.max(0, value)) },
        ]),
      ),
  ),
];
