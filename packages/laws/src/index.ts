export type { Law, Subject } from './law.js';
export { findLaw, laws } from './laws.js';
export { runLaws, type LawResult, type RunOptions } from './run-laws.js';
export * from './hook-programs/index.js';
