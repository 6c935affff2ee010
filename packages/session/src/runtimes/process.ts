import { findBackend, registerStockGradients } from '@touchstone/backends';
import { readNetworkFolder } from '../network/network-folder.js';
import { ownMemory } from '../peak-memory.js';
import { BackendEngine } from '../serve/backend-engine.js';
import type { Context } from '../serve/context.js';
import { dispatcher, type Extension } from '../serve/dispatch.js';
import { ModuleEngine } from '../serve/module-engine.js';
import { openWorkerPool } from '../worker-pool.js';
import type { Channel } from './channel.js';

/** A process of Node. */
const processContext: Context = {
  open: (subject) =>
    'backend' in subject
      ? BackendEngine.open(findBackend(subject.backend), {
          read: async (folder) => readNetworkFolder(folder),
          registerStockGradients,
          openWorkerPool,
        })
      : ModuleEngine.open(subject.module),
  memory: ownMemory,
};

/** In this process, whose sessions share one TF.js engine. */
export function processChannel(extension?: Extension): Channel {
  const dispatch = dispatcher(processContext, extension);
  return { runtime: 'process', ask: (request) => dispatch(request), close: () => dispatch.close() };
}
