export { cam as method } from './cam.js';
export { camMutants as mutants } from './mutants.js';
