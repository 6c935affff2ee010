export { fuzzHooks, replayHooks, type FuzzResult, type HookDisagreement } from './fuzz.js';
export { LivePyTorch } from './live.js';
export { drawCorpus } from './corpus.js';
export { caseRow, settingFiles, withRows } from './frozen.js';
export { actNames, inWords } from './features.js';
export { printPython } from './print-python.js';
export { printTypeScript } from './print-typescript.js';
export { ourTrace } from './trace.js';
