/**
 * A port with one fault, for the sample in the README: Grad-CAM of the softmax probability instead of the logit. The
 * rest is our own code, so nothing else is wrong.
 */
import { findBackend } from '../../packages/backends/dist/index.js';
import { findMethod, mutants } from '../../packages/methods/dist/index.js';
import { loadNetwork } from '../../packages/network/dist/index.js';

const wrong = mutants.find(({ id }) => id === 'cam-softmax-target');
await findBackend('cpu').open();

async function gradCam({ network: { description, weights }, inputs: { x }, target, params, fixtures }) {
  const network = loadNetwork(description, weights);
  try {
    return await wrong.explain(findMethod('grad-cam'), { network, x, target, params, fixtures });
  } finally {
    network.dispose();
  }
}

export default { name: 'my port', version: '1', methods: { 'grad-cam': gradCam } };
