export { type Answer as Reply, Engine, type RunRequest } from './engine.js';
export { readNetworkFolder } from './network-folder.js';
export { type NetworkFolder, networkFiles } from './network-parts.js';
export { type Help, type MutantAnswer, type Replayed } from './protocol.js';
export type { Answered, ExplainAnswer, ExplainRequest } from './request.js';
export { openWorkerPool } from './worker-pool/worker-pool.js';
export type { SketchProbes } from './served.js';
