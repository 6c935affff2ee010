export { saliency as method } from './saliency.js';
export { saliencyMutants as mutants } from './mutants.js';
