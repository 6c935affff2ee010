export { hooks as method } from './hooks.js';
export { hooksMutants as mutants } from './mutants.js';
