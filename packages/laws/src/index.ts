export type { Law, Subject } from './law.js';
export { findLaw, laws } from './laws.js';
export type { LawResult } from './hold.js';
export { tensorText } from './arbitraries/network-text.js';
export { Disagreement, expectClose } from './disagreement.js';
