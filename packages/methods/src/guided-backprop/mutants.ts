import { deconvRelu } from '@touchstone/network';
import { replacing, type Mutant } from '../mutant.js';
import { guidedBackpropFrom } from './guided-backprop.js';

export const guidedBackpropMutants: readonly Mutant[] = [
  replacing('deconv-for-guided', "deconvolution's ReLU rule instead of guided backpropagation's", guidedBackpropFrom({ rules: { relu: deconvRelu } })),
  replacing('guided-not-replaced', 'the ReLU rule is not replaced: the answer is the plain gradient', guidedBackpropFrom({ rules: {} })),
];
