export type { Law, Subject } from './law.js';
export { findLaw, laws } from './laws.js';
export type { LawResult } from './hold.js';
export { holdExamples } from './hold-examples.js';
export { openLawSession, openPortLawSession, type LawSession } from './law-session.js';
export { replayOf, reportOf } from './report.js';
export { tensorText } from './arbitraries/network-text.js';
export { Disagreement, expectClose } from './disagreement.js';
