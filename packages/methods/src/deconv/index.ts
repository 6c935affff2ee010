export { deconv as method } from './deconv.js';
export { deconvMutants as mutants } from './mutants.js';
