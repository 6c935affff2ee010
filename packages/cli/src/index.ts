export { main } from './main.js';
export { fitted } from './answer-file.js';
export { answerPng, pngStyle } from './answer-png.js';
export type { FigureOptions } from './figures.js';
export { readAsked } from './asked.js';
export { readTarget } from './asked-target.js';
export { checkResult, refuseIterated, type CheckResult } from './check.js';
export type { ModelInput } from './model-input.js';
export { openNetwork } from './open-network.js';
