export { main } from './main.js';
export { fitted } from './answer-file.js';
export { readAsked } from './asked.js';
export { readTarget } from './asked-target.js';
export { checkResult, refuseIterated, type CheckResult } from './check.js';
export { openNetwork } from './open-network.js';
