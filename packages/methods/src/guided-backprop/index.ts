export { guidedBackprop as method } from './guided-backprop.js';
export { guidedBackpropMutants as mutants } from './mutants.js';
