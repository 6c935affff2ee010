export { caseRow, settingFiles, withRows } from './frozen.js';
export type { FuzzOptions, SceneDisagreement } from './fuzz-scenes.js';
export { drawCorpus, hookCase } from './hook-programs/corpus.js';
export { actNames, inWords } from './hook-programs/features.js';
export { fuzzHooks, replayHooks, type HookDisagreement, type HookFuzzResult } from './hook-programs/fuzz.js';
export { printPython } from './hook-programs/print-python.js';
export { printTypeScript } from './hook-programs/print-typescript.js';
export { pytorchRequest } from './hook-programs/scene.js';
export { ourTrace } from './hook-programs/trace.js';
export { LivePyTorch } from './live-pytorch.js';
export {
  fuzzMethods,
  openMethodEngines,
  replayMethods,
  type MethodDisagreement,
  type MethodFuzzResult,
} from './random-methods/fuzz.js';
export type { Decision } from './random-methods/judge.js';
export { printMethodInPython, printMethodInTypeScript } from './random-methods/print.js';
