/** What runs in the page: our own methods on a backend that needs a browser. Bundled by the build into dist/page/bundle.js. */
import { pageBackends, registerStockGradients } from '@touchstone/backends/page';
import { fetchFile, serve } from '@touchstone/browser/page';
import { TouchstoneError } from '@touchstone/contract';
import { answerer } from '../answerer.js';
import { networkFiles, parseDescription, weightsOf, type NetworkFolder } from '../network-parts.js';
import type { Request } from '../protocol.js';
import { serveBackend } from '../served-backend.js';

const answer = answerer({
  open: async (serves) => {
    const backend = pageBackends.find(({ id }) => 'backend' in serves && id === serves.backend);
    if (backend === undefined) throw new TouchstoneError('internal', 'that backend does not run in a page');
    return serveBackend(backend, fetchNetwork);
  },
  register: registerStockGradients,
  openWorkerPool: () => Promise.reject(new TouchstoneError('unsupported', 'a page has one engine')),
  // What the page holds of the GPU process's memory nobody can tell.
  memory: { forget: () => undefined, peak: () => null },
  processorMilliseconds: () => null,
});

serve((question) => answer(question as Request));

async function fetchNetwork(folder: string): Promise<NetworkFolder> {
  const [json, stored] = networkFiles;
  const description = parseDescription(
    new TextDecoder('utf-8', { fatal: true }).decode(await fetchFile(folder, json)),
    `${folder}/${json}`,
  );
  const bytes = description.weights === undefined ? await fetchFile(folder, stored) : null;
  return { folder, description, weights: weightsOf(description, bytes, `${folder}/${stored}`) };
}
