export { drawCorpus } from './hook-programs/corpus.js';
export { actNames, inWords } from './hook-programs/features.js';
export { caseRow, settingFiles, withRows } from './hook-programs/frozen.js';
export { type FuzzResult, type HookDisagreement, fuzzHooks, replayHooks } from './hook-programs/fuzz.js';
export { LivePyTorch } from './hook-programs/live.js';
export { printPython } from './hook-programs/print-python.js';
export { printTypeScript } from './hook-programs/print-typescript.js';
export { ourTrace } from './hook-programs/trace.js';
