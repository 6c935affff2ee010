export { activations as method } from './activations.js';
export { activationsMutants as mutants } from './mutants.js';
