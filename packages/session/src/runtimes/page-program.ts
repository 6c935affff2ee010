/** What runs in a page. Nothing here needs Node. */
import { pageBackends, registerStockGradients } from '@touchstone/backends/page';
import { fetchFile, serve } from '@touchstone/browser/page';
import { TouchstoneError } from '@touchstone/contract';
import { networkFiles, parseDescription, weightsOf, type NetworkFolder } from '../network/network-parts.js';
import type { Request } from '../protocol.js';
import { BackendEngine } from '../serve/backend-engine.js';
import type { Context } from '../serve/context.js';
import { dispatcher, type Extension } from '../serve/dispatch.js';

export type { PeakMemory } from '../peak-memory.js';
export type { BackendEngine } from '../serve/backend-engine.js';
export type { Extension } from '../serve/dispatch.js';

const pageContext: Context = {
  open: async (subject) => {
    const backend = pageBackends.find(({ id }) => 'backend' in subject && id === subject.backend);
    if (backend === undefined) throw new TouchstoneError('internal', 'that backend does not run in a page');
    return BackendEngine.open(backend, {
      read: fetchNetwork,
      registerStockGradients,
      openWorkerPool: () => Promise.reject(new TouchstoneError('unsupported', 'a page has one engine')),
    });
  },
  // How much of the GPU process's memory belongs to a page is not known.
  memory: { forget: () => undefined, peak: () => null },
};

/** Answers the session that opened the page. Called once by a bundle's program. */
export function servePage(extension?: Extension): void {
  const dispatch = dispatcher(pageContext, extension);
  serve((question) => dispatch(question as Request));
}

async function fetchNetwork(folder: string): Promise<NetworkFolder> {
  const [json, stored] = networkFiles;
  const description = parseDescription(
    new TextDecoder('utf-8', { fatal: true }).decode(await fetchFile(folder, json)),
    `${folder}/${json}`,
  );
  const bytes = description.weights === undefined ? await fetchFile(folder, stored) : null;
  return { folder, description, weights: weightsOf(description, bytes, `${folder}/${stored}`) };
}
