export { parameters as method } from './parameters.js';
export { parametersMutants as mutants } from './mutants.js';
