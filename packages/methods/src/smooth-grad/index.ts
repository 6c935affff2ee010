export { smoothGrad as method } from './smooth-grad.js';
export { smoothGradMutants as mutants } from './mutants.js';
