export { foolingImage as method } from './fooling-image.js';
export { foolingImageMutants as mutants } from './mutants.js';
