import { guidedRelu } from '@touchstone/network';
import { displayGuided } from '../steps/display.js';
import { inputGradientMethod, plainSteps, type InputGradientSteps } from '../steps/input-gradient.js';

const about = {
  id: 'guided-backprop',
  title: 'Guided backpropagation: every ReLU passes back what is positive, where its input was',
  source: 'Springenberg, Dosovitskiy, Brox, Riedmiller 2014, section 3.4',
  image: 'guided',
  reluRule: 'guided',
} as const;

export const guidedBackpropFrom = (steps: Partial<InputGradientSteps>) =>
  inputGradientMethod(about, 'none', { ...plainSteps, rules: { relu: guidedRelu }, display: displayGuided, ...steps });
export const guidedBackprop = guidedBackpropFrom({});
