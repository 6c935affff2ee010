import { guidedRelu } from '@touchstone/network';
import { displayBy, displayFormulas } from '../steps/display.js';
import { replacing, type Mutant } from '../core/mutant.js';
import { deconvFrom } from './deconv.js';

export const deconvMutants: readonly Mutant[] = [
  replacing(
    'display-by-magnitude',
    'the image is scaled by max|g| instead of max g',
    deconvFrom({ display: displayBy({ ...displayFormulas.deconv, size: 'max-abs' }) }),
  ),
  replacing(
    'guided-for-deconv',
    "guided backpropagation's ReLU rule instead of deconvolution's",
    deconvFrom({ rules: { relu: guidedRelu } }),
  ),
  replacing(
    'deconv-not-replaced',
    'the ReLU rule is not replaced: the answer is the plain gradient',
    deconvFrom({ rules: {} }),
  ),
];
