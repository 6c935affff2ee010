import { deconvRelu } from '@touchstone/network';
import { displayDeconv } from '../steps/display.js';
import { inputGradientMethod, plainSteps, type InputGradientSteps } from '../steps/input-gradient.js';

const about = {
  id: 'deconv',
  title: 'Deconvolution: every ReLU passes back what is positive',
  source: 'Zeiler, Fergus 2014, section 2.1; as a gradient rule: Springenberg et al. 2014, section 3.4',
  image: 'deconv',
  reluRule: 'deconv',
} as const;

export const deconvFrom = (steps: Partial<InputGradientSteps>) =>
  inputGradientMethod(about, 'none', { ...plainSteps, rules: { relu: deconvRelu }, display: displayDeconv, ...steps });
export const deconv = deconvFrom({});
