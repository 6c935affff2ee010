export { tsne as method } from './t-sne.js';
export { tsneMutants as mutants } from './mutants.js';
