/** The size of the terms that a network sums: where they cancel, rounding is relative to it. */
import type { HostTensor } from '@touchstone/contract';
import { explain, findMethod } from '@touchstone/methods';
import { loadNetwork } from '@touchstone/network';
import type { GeneratedNetwork } from './arbitraries/build-network.js';
import { combine, largest } from './host-arithmetic.js';

/** The largest logit or gradient for |x| + 1 of the network with absolute weights and every ReLU open. */
export async function amplitudeOf(generated: GeneratedNetwork, x: HostTensor): Promise<number> {
  const network = loadNetwork(opened(generated.description), withoutSigns(generated.weights));
  try {
    const classes = generated.weights['fc.weight']!.shape[0]!;
    const request = {
      x: combine((value) => Math.abs(value) + 1, x),
      target: { weights: Array.from({ length: classes }, () => 1) },
      params: {},
      fixtures: {},
    };
    const { stages } = await explain(findMethod('saliency'), { network, ...request });
    return Math.max(largest(stages['logits']!.data), largest(stages['gradient']!.data));
  } finally {
    network.dispose();
  }
}

function withoutSigns(weights: GeneratedNetwork['weights']): GeneratedNetwork['weights'] {
  const signed = (name: string) => (name.endsWith('.running_mean') ? -1 : 1);
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [name, combine((value) => signed(name) * Math.abs(value), weight)]),
  );
}

/**
 * Nothing is negative, so no ReLU changes a value: in place or not is the same, but a gradient may refuse the former.
 */
function opened(description: GeneratedNetwork['description']): GeneratedNetwork['description'] {
  return JSON.parse(
    JSON.stringify(description)
      .replaceAll('"ReLU6"', '"ReLU"')
      .replaceAll('"relu6"', '"relu"')
      .replaceAll('"inplace":true', '"inplace":false'),
  ) as GeneratedNetwork['description'];
}
