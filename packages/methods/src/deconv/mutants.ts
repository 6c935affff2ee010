import { displayBy, displayFormulas } from '../steps/display.js';
import { replacing, type Mutant } from '../core/mutant.js';
import { deconvFrom } from './deconv.js';

export const deconvMutants: readonly Mutant[] = [
  replacing(
    'display-by-magnitude',
    'the image is scaled by max|g| instead of max g',
    deconvFrom({ display: displayBy({ ...displayFormulas.deconv, size: 'max-abs' }) }),
  ),
];
