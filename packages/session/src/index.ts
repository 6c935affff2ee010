export { errorOf } from './channel-session.js';
export { readNetworkFolder } from './network/network-folder.js';
export { type NetworkFolder, networkFiles } from './network/network-parts.js';
export { openChildSession, openSession, type SessionOptions } from './open-session.js';
export type { Diagnosis, MutantAnswer, Question, Replayed, SessionInfo, SketchProbes, Subject } from './protocol.js';
export type { Answered, ExplainAnswer, ExplainOptions, ExplainRequest } from './request.js';
export type { ChildOptions } from './runtimes/child.js';
export type { Session } from './session.js';
export { openWorkerPool } from './worker-pool.js';
