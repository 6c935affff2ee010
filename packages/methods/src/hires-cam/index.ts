export { hiresCam as method } from './hires-cam.js';
export { hiresCamMutants as mutants } from './mutants.js';
