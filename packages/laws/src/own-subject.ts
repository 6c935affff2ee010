/** Our methods, on the backend that is open in this process or page. */
import type { Stages } from '@touchstone/contract';
import { explain, findMethod, type Explanation } from '@touchstone/methods';
import { deconvRelu, guidedRelu, loadNetwork, plainRelu, resizeBilinear } from '@touchstone/network';
import type { Inside, Request, Subject } from './law.js';

/** What a fault replaces. */
export interface OwnMethods extends Inside {
  readonly explain: (method: string, explanation: Explanation) => Promise<Stages>;
}

export const rightMethods: OwnMethods = {
  explain: async (method, explanation) => (await explain(findMethod(method), explanation)).stages,
  relu: { plain: plainRelu, deconv: deconvRelu, guided: guidedRelu },
  resize: resizeBilinear,
};

/** @param precision as a session says it */
export function ownSubject(
  { id, deterministic, precision }: { id: string; deterministic: boolean; precision: string },
  methods: OwnMethods = rightMethods,
): Subject {
  return {
    name: id,
    precision: precision === 'float64' ? 'float64' : 'float32',
    deterministic,
    inside: methods,
    load: (generated) => {
      const network = loadNetwork(generated.description, generated.weights);
      return { generated, network, dispose: () => network.dispose() };
    },
    explain: (method, { network }, request) =>
      methods.explain(method, { network: network!, ...explanationOf(request) }),
  };
}

/** The request, apart from its network. */
export function explanationOf({
  x,
  target,
  params = {},
  noise,
  fixtures = {},
  control,
}: Request): Omit<Explanation, 'network'> {
  return { x, target, params, fixtures: noise ? { noise, ...fixtures } : fixtures, ...(control && { control }) };
}
